import { explainQuerySchema, explainSchema, type Explain } from '@bud-monitoring/contracts';
import { metricNames, scopeMatchers, scopeQuery } from '@bud-monitoring/promql';
import { defineRoute, toApiError, type Route } from '@bud-monitoring/service-kit';
import type { Clock, MetricSource } from '../ports.js';
import { slowSeconds } from './prometheus-api.js';
import { scopeOf } from './prometheus-call.js';

/** `GET /clusters/{cluster_id}/queries/explain`: what becomes of a query, and what it costs. */
export function explainRoute(options: {
  source: MetricSource;
  clock: Clock;
  maxQueryLength: number;
}): Route {
  const { source, clock, maxQueryLength } = options;
  return defineRoute({
    method: 'get',
    path: '/clusters/{cluster_id}/queries/explain',
    summary: 'What becomes of a query, why it is refused, how long it takes',
    object: 'cluster.query-explanation',
    permission: 'cluster:view',
    query: explainQuerySchema,
    data: explainSchema,
    statuses: [422, 502],
    async handler({ params, query: { query }, caller, signal, logger }) {
      const cluster = params.cluster_id;
      const scope = scopeOf(cluster, caller);
      const scoped = scopeQuery(query, scope, { maxLength: maxQueryLength });
      const all = scopeMatchers('{}', scope);
      if (!scoped.ok || !all.ok) {
        return { data: refused(query, scoped), message: 'The query is refused' };
      }
      const begin = clock.now();
      const end = Math.floor(begin / 1000);
      try {
        const [answer, names] = await Promise.all([
          source.query(scoped.query, end, signal).then(({ series }) => ({
            count: series.length,
            seconds: (clock.now() - begin) / 1000,
          })),
          source.metricNames(all.query, { start: end - 3600, end }, signal),
        ]);
        const known = new Set(names);
        const slow = answer.seconds > slowSeconds;
        if (slow) {
          const { seconds } = answer;
          logger.warn('slow query', { cluster, query: query.slice(0, 1000), seconds });
        }
        const data: Explain = {
          ...{ query, scoped_query: scoped.query, refused: null, slow },
          cluster_metrics: known.size,
          query_metrics: metricNames(query).filter((name) => known.has(name)).length,
          result_count: answer.count,
          execution_time_seconds: answer.seconds,
        };
        return { data, message: slow ? 'The query is slow' : 'The query is handed on' };
      } catch (error) {
        throw toApiError(error, { refused: 422 });
      }
    },
  });
}

function refused(query: string, scoped: ReturnType<typeof scopeQuery>): Explain {
  return {
    query,
    scoped_query: null,
    refused: scoped.ok ? null : { reason: scoped.reason, position: scoped.position },
    cluster_metrics: null,
    query_metrics: null,
    result_count: null,
    execution_time_seconds: null,
    slow: false,
  };
}
