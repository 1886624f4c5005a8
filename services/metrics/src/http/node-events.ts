import { nodeEventsSchema } from '@bud-monitoring/contracts';
import { defineRoute, type Route } from '@bud-monitoring/service-kit';
import { z } from 'zod';
import { ClusterNotFound } from '../domain/clusters/existence.js';
import type { RequireCluster } from '../domain/clusters/require-cluster.js';
import type { ClusterRegistry, NodeDirectory } from '../ports.js';
import { toHttpError } from './response/errors.js';

/** `GET /clusters/{cluster_id}/node-events/{node}`. */
export function nodeEventsRoute(options: {
  directory: NodeDirectory;
  registry: ClusterRegistry;
  requireCluster: RequireCluster;
}): Route {
  const { directory, registry, requireCluster } = options;
  return defineRoute({
    method: 'get',
    path: '/clusters/{cluster_id}/node-events/{node}',
    summary: 'Kubernetes events of one node, from bud-cluster',
    permission: 'cluster:view',
    params: z.object({
      node: z
        .string()
        .max(253)
        // A Kubernetes node name; what else could be in a path is none.
        .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'must be a Kubernetes node name'),
    }),
    statuses: [404, 502],
    object: 'cluster.node-events',
    data: nodeEventsSchema,
    async handler({ params: { cluster_id, node }, signal }) {
      // bud-cluster may still know a cluster that an event has deleted.
      const record = await registry.get(cluster_id, signal).catch(() => null);
      if (record?.state === 'deleted') throw toHttpError(new ClusterNotFound());
      const events = await directory
        .events(cluster_id, node, signal)
        .catch(async (error: unknown) => {
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
