import type { ClusterId } from '@bud-monitoring/contracts';
import { defineRawRoute, type Caller, type Logger, type Route } from '@bud-monitoring/service-kit';
import type { ApiCall, Resource, ScopedApi } from '../../domain/prometheus-api/index.js';
import { Refused } from '../../domain/prometheus-api/scoping/scope-request.js';
import { parametersOf, sendAnswer, toCallError, withDeadline } from './respond.js';

/** Where the scoped API lies; every error below it has Prometheus' own form. */
export const prometheusApiPath = '/clusters/{cluster_id}/prometheus/api/v1';

/** A query is slow above this, seconds. */
export const slowSeconds = 5;

/** Time left to the store to say itself that a query took too long, ms. */
const graceMs = 2000;

export interface PrometheusApiOptions {
  api: ScopedApi;
  /** Milliseconds a query may take; also those without progress after which a reader is cut off. */
  timeoutMs: number;
  /**
   * Counts answers by path: `hit`, `partial`, `miss` or `bypass` of the cache, `shared` with one who
   * asked the same at the same time, `refused`, `error` or `cancelled`.
   */
  onAnswer: (path: string, outcome: string) => void;
}

type Method = 'get' | 'post';

const both: readonly Method[] = ['get', 'post'];
const getOnly: readonly Method[] = ['get'];

const resources: readonly (readonly [Resource, string, readonly Method[], string])[] = [
  ['query', '/query', both, 'Evaluate a query at one time'],
  ['query_range', '/query_range', both, 'Evaluate a query over a range'],
  ['query_exemplars', '/query_exemplars', both, 'Exemplars of a query'],
  ['series', '/series', both, 'Series that match selectors'],
  ['labels', '/labels', both, 'Names of labels'],
  ['values', '/label/{name}/values', getOnly, 'Values of a label'],
  ['format_query', '/format_query', both, 'Print a query readably'],
  ['metadata', '/metadata', getOnly, 'What the metrics of the cluster are'],
  ['rules', '/rules', getOnly, 'Rules whose labels carry the cluster'],
  ['alerts', '/alerts', getOnly, 'Alerts of the store whose labels carry the cluster'],
  ['buildinfo', '/status/buildinfo', getOnly, 'Version of the store'],
];

/** The Prometheus HTTP API of one cluster, as far as it reads data. */
export function prometheusApiRoutes(options: PrometheusApiOptions): Route[] {
  return resources.flatMap(([resource, path, methods, summary]) =>
    methods.map((method) => routeOf({ ...options, resource, path, method, summary })),
  );
}

interface Definition extends PrometheusApiOptions {
  resource: Resource;
  path: string;
  method: Method;
  summary: string;
}

function routeOf(definition: Definition): Route {
  const { api, timeoutMs, onAnswer, resource, path, method, summary } = definition;
  return defineRawRoute({
    method,
    path: `${prometheusApiPath}${path}`,
    summary,
    description: 'As Prometheus defines it, with the cluster enforced on every selector.',
    permission: 'cluster:view',
    produces: 'application/json',
    readsParameters: true,
    statuses: [404, 422, 429, 502],
    // Its own deadline is for the beginning of an answer; a long one may take its time.
    timeoutMs: null,
    async handler({ params, caller, signal, logger }, request, response) {
      const { cluster_id: cluster, name: label } = params as {
        cluster_id: ClusterId;
        name?: string;
      };
      response.setHeader('X-Cache', 'bypass');
      response.setHeader('X-Cache-Reason', 'not answered by the store');
      const deadline = withDeadline(signal, timeoutMs + graceMs);
      try {
        const parameters = await parametersOf(request);
        const call = { cluster, parameters, ...namespacesOf(caller), ...(label && { label }) };
        const answer = await api.answer(resource, call, deadline.signal);
        deadline.done();
        onAnswer(path, answer.shared ? 'shared' : answer.cache);
        logSlow(logger, call, answer.storeSeconds);
        await sendAnswer(answer, response, timeoutMs);
      } catch (error) {
        // Only a broken connection tells the caller that the rest will not come.
        if (response.headersSent) return void response.destroy();
        onAnswer(
          path,
          signal.aborted ? 'cancelled' : error instanceof Refused ? 'refused' : 'error',
        );
        throw toCallError(error);
      } finally {
        deadline.done();
      }
    },
  });
}

/** What a caller may see of a cluster: all of it, or the namespaces of the token. */
export function namespacesOf({ namespaces }: Caller): Pick<ApiCall, 'namespaces'> {
  return namespaces === 'all' ? {} : { namespaces: [...namespaces] };
}

/** Tells of a query that took the store long. */
export function logSlow(logger: Logger, call: ApiCall, seconds: number | null): void {
  if (seconds === null || seconds <= slowSeconds) return;
  const query = (call.parameters.all('query')[0] ?? '').slice(0, 1000);
  logger.warn('slow query', { clusterId: call.cluster, query, seconds });
}
