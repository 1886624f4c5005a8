import { envelope, metricsApi } from '@bud-monitoring/contracts';
import { defineRawRoute, type Route } from '@bud-monitoring/service-kit';
import type { EncodedResponseCache } from '../adapters/cache/encoded-response-cache.js';
import type { NodeMetricsService } from '../domain/node-metrics/index.js';
import type { Clock } from '../ports.js';
import { cachedHeaders, sendCachedResponse } from './response/cached-response.js';

const api = metricsApi.getNodeMetrics;

/** `GET /clusters/{cluster_id}/node-metrics`. */
export function nodeMetricsRoute(options: {
  nodeMetrics: NodeMetricsService;
  cache: EncodedResponseCache;
  clock: Clock;
}): Route {
  const { nodeMetrics, cache, clock } = options;
  return defineRawRoute({
    ...api,
    summary: 'How each node of a cluster is: readiness, pods, load, network, hardware, events',
    permission: 'cluster:view',
    statuses: [200, 304, 404, 422, 502],
    answerHeaders: cachedHeaders,
    produces: 'application/json',
    answer: envelope(api.object, api.data),
    async handler(context, request, response) {
      const { cluster_id: cluster } = context.params;
      const cachedResponse = {
        cache,
        cluster,
        key: 'node-metrics',
        object: api.object,
        message: 'Node metrics',
        make: (shared: AbortSignal) => nodeMetrics(cluster, shared),
      };
      await sendCachedResponse(cachedResponse, { context, now: clock.now() }, request, response);
    },
  });
}
