import type { ClusterId } from '@bud-monitoring/contracts';
import { defineRawRoute, type Route } from '@bud-monitoring/service-kit';
import type { Resource, ScopedApi } from '../../domain/prometheus-api/index.js';
import { Refused } from '../../domain/prometheus-api/scoping/refused.js';
import { withDeadline } from './deadline.js';
import { toRequestError } from './errors.js';
import { parametersOf, reachOf } from './read-request.js';
import { sendResponse } from './send-response.js';
import { logSlow } from './slow-query.js';

/** Root of the scoped API; every error below it has Prometheus' own form. */
export const prometheusApiPath = '/clusters/{cluster_id}/prometheus/api/v1';

/** So much longer than the query timeout we wait, ms: the store reports the timeout itself. */
const graceMs = 2000;

export interface PrometheusApiOptions {
  api: ScopedApi;
  /** Milliseconds a query may take; also those after which a client that does not read is cut off. */
  timeoutMs: number;
  /**
   * Counts responses by path: `hit`, `partial`, `miss` or `bypass` of the cache, `shared` with another
   * caller's request, `refused`, `error` or `cancelled`.
   */
  onResponse: (path: string, outcome: string) => void;
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
  const { api, timeoutMs, onResponse, resource, path, method, summary } = definition;
  return defineRawRoute({
    method,
    path: `${prometheusApiPath}${path}`,
    summary,
    description: 'As Prometheus defines it, with the cluster enforced on every selector.',
    permission: 'cluster:view',
    produces: 'application/json',
    readsParameters: true,
    statuses: [404, 422, 429, 502],
    // The deadline below is for the beginning of a response; a long one may take its time.
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
        const apiRequest = { ...reachOf(caller, cluster), parameters, label };
        const apiResponse = await api.respond(resource, apiRequest, deadline.signal);
        deadline.done();
        onResponse(path, apiResponse.shared ? 'shared' : apiResponse.cache);
        logSlow(logger, apiRequest, apiResponse.storeSeconds);
        await sendResponse(apiResponse, response, timeoutMs);
      } catch (error) {
        // The head was sent: only a broken connection says that the rest is missing.
        if (response.headersSent) return void response.destroy();
        onResponse(
          path,
          signal.aborted ? 'cancelled' : error instanceof Refused ? 'refused' : 'error',
        );
        throw toRequestError(error);
      } finally {
        deadline.done();
      }
    },
  });
}
