import { streamsApi, type ClusterId, type MetricsQuery } from '@bud-monitoring/contracts';
import { ApiError, defineRawRoute, maySeeCluster, type Route } from '@bud-monitoring/service-kit';
import type { Hub } from '../../adapters/live/hub.js';
import type { ClusterMetricsService } from '../../domain/cluster-metrics/index.js';
import type { RequireCluster } from '../../domain/clusters/require-cluster.js';
import type { Clock } from '../../ports.js';
import { toHttpError } from '../response/errors.js';
import type { EventStream } from '../response/event-stream.js';
import { frameOf, type FrameContent } from './frame.js';
import { serveStream } from './serve-stream.js';

const shared = {
  permission: 'cluster:view',
  statuses: [404, 406],
  timeoutMs: null,
  produces: 'text/event-stream',
} as const;

const events =
  'Needs `Accept: text/event-stream`. Events are `metrics`, with what `/metrics` answers (without series unless asked for), and `failure`, with an error. An answer whose figures are those of the one before is not sent again; with `Last-Event-ID` neither is the one that the caller has. A comment comes at once and every 15 seconds.';

/** The metrics of one cluster, and those of several on one connection. */
export function clusterMetricsStreams(options: {
  clusterMetrics: ClusterMetricsService;
  requireCluster: RequireCluster;
  hub: Hub;
  clock: Clock;
}): Route[] {
  const { clusterMetrics, requireCluster, hub, clock } = options;

  const required = (cluster: ClusterId, signal: AbortSignal) =>
    requireCluster(cluster, signal).catch((error: unknown) => {
      throw toHttpError(error);
    });

  const join = (
    { cluster, query, requestId }: { cluster: ClusterId; query: MetricsQuery; requestId: string },
    { stream, isOnly }: { stream: EventStream; isOnly: boolean },
    lastId: string | undefined,
  ) => {
    const content = async (signal: AbortSignal): Promise<FrameContent> => {
      const { data } = await clusterMetrics(cluster, query, signal);
      const { nodes, cluster_summary, warnings, cluster_name } = data;
      return {
        event: 'metrics',
        body: { object: 'cluster.metrics', message: 'Cluster metrics', data },
        identity: [cluster, nodes, cluster_summary, warnings, cluster_name],
      };
    };
    return hub.join(
      keyOf(cluster, query),
      (signal) => frameOf(() => content(signal), requestId),
      {
        send: (bytes) => stream.send(bytes, cluster),
        // Of several clusters one that is gone does not end the others.
        end: () => (isOnly ? stream.end() : undefined),
      },
      lastId,
    );
  };

  return [
    defineRawRoute({
      ...streamsApi.streamClusterMetrics,
      ...shared,
      summary: 'What a cluster is doing, as server-sent events',
      description: events,
      async handler(context, request, response) {
        const { params, query, signal, requestId } = context;
        const { cluster_id: cluster } = params;
        await serveStream(
          context,
          { request, response, clock },
          {
            check: () => required(cluster, signal),
            join: (stream, lastId) =>
              join({ cluster, query, requestId }, { stream, isOnly: true }, lastId),
          },
        );
      },
    }),
    defineRawRoute({
      ...streamsApi.streamMetrics,
      ...shared,
      summary: 'What several clusters are doing, as one stream of server-sent events',
      description: `For pages that would need a connection for each cluster. ${events}`,
      async handler(context, request, response) {
        const { query: asked, caller, signal, requestId } = context;
        const { cluster_id: listed, ...rest } = asked;
        const query: MetricsQuery = { ...rest, node: undefined };
        const clusters = [...new Set(listed)];
        await serveStream(
          context,
          { request, response, clock },
          {
            async check() {
              if (!clusters.every((cluster) => maySeeCluster(caller, cluster)))
                throw ApiError.forbidden('The token does not reach all of these clusters');
              await Promise.all(clusters.map((cluster) => required(cluster, signal)));
            },
            join(stream, lastId) {
              const leaves = clusters.map((cluster) =>
                join({ cluster, query, requestId }, { stream, isOnly: false }, lastId),
              );
              return () => leaves.forEach((leave) => leave());
            },
          },
        );
      },
    }),
  ];
}

/** Everything that the frames depend on. */
function keyOf(cluster: ClusterId, query: MetricsQuery): string {
  const { time_range, filter, metric_type, series, node, compare, timezone } = query;
  const range = time_range ?? filter ?? 'today';
  const nodes = [...(node ?? [])].sort();
  return JSON.stringify([cluster, range, metric_type, series, nodes, compare, timezone]);
}
