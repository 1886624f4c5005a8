import {
  metricsQuerySchema,
  type ClusterId,
  type ErrorBody,
  type MetricsQuery,
} from '@bud-monitoring/contracts';
import {
  ApiError,
  defineRawRoute,
  toApiError,
  type Caller,
  type Route,
} from '@bud-monitoring/service-kit';
import type { Frame, Hub } from '../adapters/live/hub.js';
import type { ClusterMetricsService } from '../domain/cluster-metrics/index.js';
import type { RequireCluster } from '../domain/clusters/require-cluster.js';
import type { Clock } from '../ports.js';
import { toHttpError } from './response/errors.js';
import { eventFrame, openEventStream } from './response/event-stream.js';

/** Longest a stream lasts, ms; one by a token ends with it. */
const maxStreamMs = 3_600_000;

/** Named ranges only: a stream has no end that could be given. */
const streamQuery = metricsQuerySchema
  .omit({ start: true, end: true, step: true })
  .extend({ series: metricsQuerySchema.shape.series.unwrap().default('false') });

/** `GET /clusters/{cluster_id}/metrics/stream`. */
export function clusterMetricsStreamRoute(options: {
  clusterMetrics: ClusterMetricsService;
  requireCluster: RequireCluster;
  hub: Hub;
  clock: Clock;
}): Route {
  const { clusterMetrics, requireCluster, hub, clock } = options;
  return defineRawRoute({
    method: 'get',
    path: '/clusters/{cluster_id}/metrics/stream',
    summary: 'What a cluster is doing, as server-sent events',
    description:
      'Needs `Accept: text/event-stream`. Events are `metrics`, with what `/metrics` answers (without series unless asked for), and `failure`, with an error. A comment comes at once and every 15 seconds.',
    permission: 'cluster:view',
    query: streamQuery,
    statuses: [404, 406],
    timeoutMs: null,
    produces: 'text/event-stream',
    async handler(
      { params: { cluster_id: cluster }, query, caller, signal, stopping, requestId },
      request,
      response,
    ) {
      if (!wantsEvents(request.headers.accept)) {
        throw new ApiError(
          'NotAcceptableError',
          'This is a stream: ask with Accept: text/event-stream',
        );
      }
      await requireCluster(cluster, signal).catch((error: unknown) => {
        throw toHttpError(error);
      });
      if (response.destroyed) return;
      const stream = openEventStream(response);
      if (request.method === 'HEAD' || stopping.aborted) {
        stream.end();
        return;
      }
      const leave = hub.join(
        keyOf(cluster, query),
        (own) => frameOf(() => clusterMetrics(cluster, query, own), requestId),
        stream,
      );
      const end = () => stream.end();
      stopping.addEventListener('abort', end, { once: true });
      const limit = setTimeout(end, Math.min(maxStreamMs, untilExpiry(caller, clock)));
      await stream.over;
      clearTimeout(limit);
      stopping.removeEventListener('abort', end);
      leave();
    },
  });
}

const untilExpiry = ({ expiresAt }: Caller, clock: Clock): number =>
  expiresAt === null ? maxStreamMs : Math.max(0, expiresAt - clock.now());

function wantsEvents(accept = ''): boolean {
  return accept.split(',').some((type) => /^\s*text\/event-stream\s*(;|$)/i.test(type));
}

/** Everything that the frames depend on. */
function keyOf(cluster: ClusterId, query: MetricsQuery): string {
  const { time_range, filter, metric_type, series, node, compare, timezone } = query;
  const range = time_range ?? filter ?? 'today';
  const nodes = [...(node ?? [])].sort();
  return JSON.stringify([cluster, range, metric_type, series, nodes, compare, timezone]);
}

async function frameOf(
  make: () => ReturnType<ClusterMetricsService>,
  requestId: string,
): Promise<Frame> {
  try {
    const { data } = await make();
    const body = { object: 'cluster.metrics', message: 'Cluster metrics', data };
    return { bytes: eventFrame('metrics', body), last: false };
  } catch (error) {
    const { status, type, message } = toApiError(toHttpError(error));
    const body: ErrorBody = { object: 'error', code: status, type, message, request_id: requestId };
    // A client error, such as a deleted cluster, does not go away by waiting.
    return { bytes: eventFrame('failure', body), last: status < 500 };
  }
}
