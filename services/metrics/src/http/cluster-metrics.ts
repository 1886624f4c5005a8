import { envelope, metricsApi, type MetricsQuery } from '@bud-monitoring/contracts';
import { defineRawRoute, type Route } from '@bud-monitoring/service-kit';
import type { EncodedResponseCache } from '../adapters/cache/encoded-response-cache.js';
import type { ClusterMetricsService } from '../domain/cluster-metrics/index.js';
import { resolveWindow } from '../domain/time/window.js';
import type { Clock } from '../ports.js';
import { cachedHeaders, sendCachedResponse } from './response/cached-response.js';
import { toHttpError } from './response/errors.js';

const api = metricsApi.getClusterMetrics;

/** `GET /clusters/{cluster_id}/metrics`. */
export function clusterMetricsRoute(options: {
  clusterMetrics: ClusterMetricsService;
  cache: EncodedResponseCache;
  clock: Clock;
}): Route {
  const { clusterMetrics, cache, clock } = options;
  return defineRawRoute({
    ...api,
    summary: 'What a cluster and its nodes are doing, compared with the span before',
    description:
      'Figures are those at the end of the window; averages and the comparison are over the window. A figure without data is null, with a warning that names what was missing.',
    permission: 'cluster:view',
    statuses: [200, 304, 404, 422, 502],
    answerHeaders: cachedHeaders,
    produces: 'application/json',
    answer: envelope(api.object, api.data),
    // A month of a large cluster, when it is asked for the first time.
    timeoutMs: 60_000,
    async handler(context, request, response) {
      const { query } = context;
      const { cluster_id: cluster } = context.params;
      const now = clock.now();
      const cachedResponse = {
        cache,
        cluster,
        key: keyOf(query, now),
        object: api.object,
        message: 'Cluster metrics',
        make: (shared: AbortSignal) => clusterMetrics(cluster, query, shared),
      };
      await sendCachedResponse(cachedResponse, { context, now }, request, response);
    },
  });
}

/** Everything that the response depends on. An invalid range is refused here, whatever is cached. */
function keyOf(query: MetricsQuery, now: number): string {
  try {
    const { name, start, step } = resolveWindow(query, now);
    const range =
      // Today begins anew at midnight, whatever is cached of yesterday.
      name === 'custom'
        ? [query.start, query.end ?? null, step]
        : [name, name === 'today' && start];
    const nodes = query.node === undefined ? null : [...query.node].sort();
    const how = [query.compare ?? null, query.timezone ?? null];
    return JSON.stringify(['metrics', range, how, query.metric_type, query.series ?? null, nodes]);
  } catch (error) {
    throw toHttpError(error);
  }
}
