import { explainQuerySchema, explainSchema, type Explain } from '@bud-monitoring/contracts';
import { metricNames, scopeQuery, type Refusal } from '@bud-monitoring/promql';
import { ApiError, defineRoute, type Route } from '@bud-monitoring/service-kit';
import type { StoreAnswer } from '../../domain/prometheus-api/query-executor.js';
import type { ApiCall, ScopedApi } from '../../domain/prometheus-api/index.js';
import type { Limits } from '../../domain/prometheus-api/request/limits.js';
import { readParameters } from '../../domain/prometheus-api/request/parameters.js';
import { dataOf, jsonOf } from '../../domain/prometheus-api/response/error-translation.js';
import type { Clock } from '../../ports.js';
import { logSlow, namespacesOf, slowSeconds } from './routes.js';
import { toCallError } from './respond.js';

/** `GET /clusters/{cluster_id}/queries/explain`: what becomes of a query, and what it costs. */
export function explainRoute(options: { api: ScopedApi; limits: Limits; clock: Clock }): Route {
  const { api, limits, clock } = options;

  /** What a query's evaluation takes: never from what is kept. */
  async function measured(call: ApiCall, signal: AbortSignal): Promise<StoreAnswer> {
    const answer = await api.answer('query', { ...call, fresh: true }, signal);
    if (answer.status === 200) return answer;
    const { error } = (await jsonOf(answer)) as { error?: unknown };
    throw ApiError.unprocessable(typeof error === 'string' ? error : 'The store refused the query');
  }

  /** Metrics of the last hour within the caller's reach. */
  async function namesOf(call: ApiCall, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const end = Math.ceil(clock.now() / 60_000) * 60;
    const parameters = readParameters(
      new URLSearchParams({ start: String(end - 3600), end: String(end) }),
    );
    const answer = await api.answer('values', { ...call, parameters, label: '__name__' }, signal);
    return new Set((await dataOf(answer)) as string[]);
  }

  return defineRoute({
    method: 'get',
    path: '/clusters/{cluster_id}/queries/explain',
    summary: 'What becomes of a query, why it is refused, how long it takes',
    object: 'cluster.query-explanation',
    permission: 'cluster:view',
    query: explainQuerySchema,
    data: explainSchema,
    statuses: [404, 422, 429, 502],
    async handler({ params, query: { query }, caller, signal, logger }) {
      const reach = { cluster: params.cluster_id, ...namespacesOf(caller) };
      const scoped = scopeQuery(query, reach, { maxLength: limits.maxQueryLength });
      const call = { ...reach, parameters: readParameters(new URLSearchParams({ query })) };
      if (!scoped.ok) return { data: refused(query, scoped), message: 'The query is refused' };
      try {
        const [answer, names] = await Promise.all([measured(call, signal), namesOf(call, signal)]);
        const { storeSeconds } = answer;
        logSlow(logger, call, storeSeconds);
        const slow = (storeSeconds ?? 0) > slowSeconds;
        const data: Explain = {
          ...{ query, scoped_query: scoped.query, refused: null, slow },
          cluster_metrics: names.size,
          query_metrics: metricNames(query).filter((name) => names.has(name)).length,
          result_count: countOf(await dataOf(answer)),
          execution_time_seconds: storeSeconds,
        };
        return { data, message: slow ? 'The query is slow' : 'The query is handed on' };
      } catch (error) {
        throw toCallError(error);
      }
    },
  });
}

/** Series of a vector or matrix; a scalar or string is one. */
function countOf(data: unknown): number {
  const { resultType, result } = data as { resultType: string; result: unknown[] };
  return resultType === 'scalar' || resultType === 'string' ? 1 : result.length;
}

function refused(query: string, { reason, position }: Refusal): Explain {
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
