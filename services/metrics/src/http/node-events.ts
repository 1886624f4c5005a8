import { metricsApi } from '@bud-monitoring/contracts';
import { ApiError, defineRoute, type Route } from '@bud-monitoring/service-kit';
import { z } from 'zod';
import { ClusterNotFound } from '../domain/clusters/existence.js';
import type { RequireCluster } from '../domain/clusters/require-cluster.js';
import type { NodeMetricsService } from '../domain/node-metrics/index.js';
import { createNodeName } from '../domain/node-metrics/node-name.js';
import type { ClusterRegistry, NodeDirectory } from '../ports.js';
import { toHttpError } from './response/errors.js';

/** `GET /clusters/{cluster_id}/node-events/{node}`. */
export function nodeEventsRoute(options: {
  directory: NodeDirectory;
  registry: ClusterRegistry;
  requireCluster: RequireCluster;
  nodeMetrics: NodeMetricsService;
}): Route {
  const { directory, registry, requireCluster } = options;
  const nameOf = createNodeName(options);
  return defineRoute({
    ...metricsApi.getNodeEvents,
    summary: 'Kubernetes events of one node, from bud-cluster',
    permission: 'cluster:view',
    params: z.object({
      node: z
        .string()
        .max(253)
        .regex(
          /^[A-Za-z0-9[:]([A-Za-z0-9.:\]_-]*[A-Za-z0-9\]])?$/,
          'must be the key, address or hostname of a node',
        )
        .meta({ description: 'Key, address or hostname of the node, as in `?node=`' }),
    }),
    statuses: [404, 502],
    async handler({ params: { cluster_id, node: asked }, signal }) {
      // bud-cluster may still know a cluster that an event has deleted.
      const record = await registry.get(cluster_id, signal).catch(() => null);
      if (record?.state === 'deleted') throw toHttpError(new ClusterNotFound());
      const find = async () => {
        const name = await nameOf(cluster_id, asked, signal);
        // An empty list would read as if nothing had happened to it.
        if (name === null) throw ApiError.notFound('Node not found');
        return { node: name, events: await directory.events(cluster_id, name, signal) };
      };
      const { node, events } = await find().catch(async (error: unknown) => {
        if (error instanceof ApiError) throw error;
        // bud-cluster answers 500 for a cluster that it does not know.
        await requireCluster(cluster_id, signal).catch((reason: unknown) => {
          if (reason instanceof ClusterNotFound) throw toHttpError(reason);
        });
        throw toHttpError(error);
      });
      return {
        message: 'Node events',
        data: {
          node,
          events: events.map(({ firstTimestamp, lastTimestamp, ...event }) => ({
            ...event,
            first_timestamp: firstTimestamp,
            last_timestamp: lastTimestamp,
          })),
        },
      };
    },
  });
}
