import { together } from '../../domain/prometheus-api/upstream/together.js';
import { metricsApi, type ClusterId, type Explain } from '@bud-monitoring/contracts';
import { metricNames, scopeQuery, type Refusal } from '@bud-monitoring/promql';
import { ApiError, defineRoute, type Caller, type Route } from '@bud-monitoring/service-kit';
import type { ApiRequest, ScopedApi } from '../../domain/prometheus-api/index.js';
import type { Limits } from '../../domain/prometheus-api/request/limits.js';
import { readParameters } from '../../domain/prometheus-api/request/parameters.js';
import type { ApiResponse } from '../../domain/prometheus-api/response/api-response.js';
import { countSeries } from '../../domain/prometheus-api/response/count-series.js';
import { jsonOf } from '../../domain/prometheus-api/response/read-response.js';
import type { Reach } from '../../domain/prometheus-api/scoping/reach.js';
import { toRequestError } from './errors.js';
import { fleetReachOf, reachOf } from './read-request.js';
import { logSlow, slowSeconds } from './slow-query.js';

const secondsOfHour = 3600;

interface ExplainOptions {
  api: ScopedApi;
  limits: Limits;
}

/** `GET …/queries/explain`, of a cluster and of the fleet: how a query is scoped, and what it costs. */
export function explainRoutes(options: ExplainOptions): Route[] {
  return [
    explainRoute(metricsApi.explainQuery, options, (caller, params) =>
      reachOf(caller, (params as { cluster_id: ClusterId }).cluster_id),
    ),
    explainRoute(metricsApi.explainFleetQuery, options, fleetReachOf),
  ];
}

function explainRoute(
  definition: typeof metricsApi.explainQuery | typeof metricsApi.explainFleetQuery,
  { api, limits }: ExplainOptions,
  readReach: (caller: Caller, params: unknown) => Reach,
): Route {
  /** Evaluates the query in the store, since a cached response would not say what it costs. */
  async function evaluate(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    const response = await api.respond('query', { ...request, fresh: true }, signal);
    if (response.status === 200) return response;
    const { error } = (await jsonOf(response)) as { error?: unknown };
    throw ApiError.unprocessable(typeof error === 'string' ? error : 'The store refused the query');
  }

  return defineRoute({
    ...definition,
    summary: 'What becomes of a query, why it is refused, how long it takes',
    permission: 'cluster:view',
    namespaces: 'own',
    statuses: [404, 422, 429, 502],
    async handler({ params, query: { query }, caller, signal, logger }) {
      const reach = await api.asStored(readReach(caller, params));
      const scoped = scopeQuery(query, reach.scope, { maxLength: limits.maxQueryLength });
      if (!scoped.ok)
        return { data: refusedExplanation(query, scoped), message: 'The query is refused' };
      const request = { ...reach, parameters: readParameters(new URLSearchParams({ query })) };
      try {
        const [response, names] = await together(signal, (own) =>
          Promise.all([evaluate(request, own), api.metricNames(reach, secondsOfHour, own)]),
        );
        const { storeSeconds } = response;
        logSlow(logger, request, storeSeconds);
        const slow = (storeSeconds ?? 0) > slowSeconds;
        const data: Explain = {
          query,
          scoped_query: scoped.query,
          refused: null,
          slow,
          cluster_metrics: names.size,
          query_metrics: metricNames(query).filter((name) => names.has(name)).length,
          result_count: await countSeries(response.body),
          execution_time_seconds: storeSeconds,
        };
        return { data, message: slow ? 'The query is slow' : 'The query is handed on' };
      } catch (error) {
        throw toRequestError(error);
      }
    },
  });
}

function refusedExplanation(query: string, { reason, position }: Refusal): Explain {
  return {
    query,
    scoped_query: null,
    refused: { reason, position },
    cluster_metrics: null,
    query_metrics: null,
    result_count: null,
    execution_time_seconds: null,
    slow: false,
  };
}
