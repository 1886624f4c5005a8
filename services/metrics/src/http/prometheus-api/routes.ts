import type { ClusterId } from '@bud-monitoring/contracts';
import { ApiError, defineRawRoute, type Caller, type Route } from '@bud-monitoring/service-kit';
import type { ScopedApi } from '../../domain/prometheus-api/index.js';
import { readParameters } from '../../domain/prometheus-api/request/parameters.js';
import type { Reach } from '../../domain/prometheus-api/scoping/reach.js';
import { Refused } from '../../domain/prometheus-api/scoping/refused.js';
import { startDeadline } from './deadline.js';
import { toRequestError } from './errors.js';
import { prometheusExamples } from './examples.js';
import { fleetReachOf, parametersOf, reachOf } from './read-request.js';
import { answerSchema, resources, type ResourceDefinition } from './resources.js';
import { sendResponse } from './send-response.js';
import { logSlow } from './slow-query.js';

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

/** One of the two places where the API is served. */
interface Root {
  readonly path: string;
  readonly description: string;
  reachOf(caller: Caller, params: unknown): Reach;
}

const roots: readonly Root[] = [
  {
    path: '/clusters/{cluster_id}/prometheus',
    description: 'As Prometheus defines it, with the cluster enforced on every selector.',
    reachOf: (caller, params) => reachOf(caller, (params as { cluster_id: ClusterId }).cluster_id),
  },
  {
    path: '/prometheus',
    description: 'As Prometheus defines it, over all clusters that the caller may see.',
    reachOf: (caller) => fleetReachOf(caller),
  },
];

/** Below these paths every error has Prometheus' own form. */
export const prometheusApiPaths: readonly string[] = roots.map(({ path }) => `${path}/api/v1`);

/** The Prometheus HTTP API of one cluster and of the fleet, as far as it reads data. */
export function prometheusApiRoutes(options: PrometheusApiOptions): Route[] {
  return roots.flatMap((root) => [
    ...resources.flatMap((definition) => {
      const methods = definition.takesForm ? (['get', 'post'] as const) : (['get'] as const);
      return methods.map((method) => resourceRoute(root, method, { ...options, ...definition }));
    }),
    ...['', '/', '/-/healthy', '/-/ready'].map((path) => healthRoute(root, path, options)),
  ]);
}

function resourceRoute(
  root: Root,
  method: 'get' | 'post',
  definition: PrometheusApiOptions & ResourceDefinition,
): Route {
  const { api, timeoutMs, onResponse, resource, path, summary, parameters } = definition;
  return defineRawRoute({
    method,
    path: `${root.path}/api/v1${path}`,
    summary,
    description: root.description,
    permission: 'cluster:view',
    namespaces: 'own',
    produces: 'application/json',
    answer: answerSchema,
    example: prometheusExamples[resource],
    readsParameters: true,
    ...(method === 'get' ? { query: parameters } : { form: parameters }),
    statuses: [...(definition.statuses ?? []), 404, 422, 429, 501, 502],
    // The deadline below is for the beginning of a response; a long one may take its time.
    timeoutMs: null,
    async handler(context, request, response) {
      const { params, caller, signal, logger } = context;
      const { name: label } = params as { name?: string };
      response.setHeader('X-Cache', 'bypass');
      response.setHeader('X-Cache-Reason', 'not answered by the store');
      const stopDeadline = startDeadline(context, timeoutMs + graceMs);
      try {
        const apiRequest = {
          ...root.reachOf(caller, params),
          parameters: await parametersOf(request),
          label,
        };
        const apiResponse = await api.respond(resource, apiRequest, signal);
        stopDeadline();
        onResponse(path, apiResponse.shared ? 'shared' : apiResponse.cache);
        logSlow(logger, apiRequest, apiResponse.storeSeconds);
        await sendResponse(apiResponse, response, timeoutMs);
      } catch (error) {
        // The head was sent: only a broken connection says that the rest is missing.
        if (response.headersSent) return void response.destroy();
        const isLeft = signal.aborted && !(signal.reason instanceof ApiError);
        onResponse(path, isLeft ? 'cancelled' : error instanceof Refused ? 'refused' : 'error');
        throw toRequestError(error);
      } finally {
        stopDeadline();
      }
    },
  });
}

const healthy = 'The store is healthy.\n';

/** What clients ask a Prometheus before they use it: 200 where the store evaluates a query. */
function healthRoute(root: Root, path: string, { api, timeoutMs }: PrometheusApiOptions): Route {
  return defineRawRoute({
    method: 'get',
    path: `${root.path}${path}`,
    summary: 'Whether the store answers',
    isAlias: path === '/',
    permission: 'cluster:view',
    namespaces: 'own',
    produces: 'text/plain',
    statuses: [404, 429, 502],
    example: { answers: { 200: healthy } },
    timeoutMs,
    async handler({ params, caller, signal }, _request, response) {
      const parameters = readParameters(new URLSearchParams({ query: '1' }));
      const request = { ...root.reachOf(caller, params), parameters };
      const { status } = await api.respond('query', request, signal).catch((error: unknown) => {
        throw toRequestError(error);
      });
      if (status !== 200) throw new ApiError('PrometheusQueryError', `The store answers ${status}`);
      response.type('text/plain').send(healthy);
    },
  });
}
