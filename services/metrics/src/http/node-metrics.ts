import { envelope, nodeEventsSchema, nodeMetricsSchema } from '@bud-monitoring/contracts';
import { defineRawRoute, defineRoute, type Route } from '@bud-monitoring/service-kit';
import { z } from 'zod';
import type { AnswerCache } from '../adapters/cache/response-cache.js';
import { ClusterNotFound } from '../domain/clusters/existence.js';
import type { NodeMetricsService } from '../domain/node-metrics/index.js';
import type { Clock, ClusterRegistry, NodeDirectory } from '../ports.js';
import { sendCached } from './response/cached-response.js';
import { toHttpError } from './response/errors.js';

const object = 'cluster.node-metrics';

/** `GET /clusters/{cluster_id}/node-metrics` and the events of one node. */
export function nodeRoutes(options: {
  nodeMetrics: NodeMetricsService;
  directory: NodeDirectory;
  registry: ClusterRegistry;
  cache: AnswerCache;
  clock: Clock;
}): Route[] {
  const { nodeMetrics, directory, registry, cache, clock } = options;
  return [
    defineRawRoute({
      method: 'get',
      path: '/clusters/{cluster_id}/node-metrics',
      summary: 'How each node of a cluster is: readiness, pods, load, network, hardware, events',
      permission: 'cluster:view',
      statuses: [404, 502],
      produces: 'application/json',
      answer: envelope(object, nodeMetricsSchema),
      async handler({ params, signal }, request, response) {
        const answer = {
          cache,
          cluster: params.cluster_id,
          key: 'node-metrics',
          object,
          message: 'Node metrics',
          make: (shared: AbortSignal) => nodeMetrics(params.cluster_id, shared),
        };
        await sendCached(answer, { signal, now: clock.now() }, request, response);
      },
    }),
    defineRoute({
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
        // bud-cluster may know a cluster for longer than it is to be seen.
        const record = await registry.get(cluster_id, signal).catch(() => null);
        if (record?.state === 'deleted') throw toHttpError(new ClusterNotFound());
        const events = await directory.events(cluster_id, node, signal);
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
    }),
  ];
}
