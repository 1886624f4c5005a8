import { readRegistryEvent, type RegistryEventKind } from '@bud-monitoring/cluster-events';
import { defineSubscription, type DaprRoute, type Logger } from '@bud-monitoring/service-kit';
import type { ClusterId } from '@bud-monitoring/contracts';
import { applyEvent } from '../domain/clusters/apply-event.js';
import type { Clock, ClusterRegistry } from '../ports.js';

const kinds: readonly RegistryEventKind[] = ['created', 'updated', 'deleted'];

/**
 * Cluster events that the sidecar delivers. The record is written before the event is acknowledged; if it
 * cannot be written, the error is answered as RETRY.
 */
export function clusterEventRoutes(options: {
  registry: ClusterRegistry;
  clock: Clock;
  logger: Logger;
  onChange: (cluster: ClusterId) => void;
}): DaprRoute[] {
  const { registry, clock, logger, onChange } = options;
  return kinds.map((kind) =>
    defineSubscription({
      path: `/events/cluster-${kind}`,
      async handler(body, { signal }) {
        const event = readRegistryEvent(kind, body, clock.now());
        if (event === null) {
          logger.warn('cluster event without a usable cluster id dropped', { kind });
          return 'DROP';
        }
        await registry.update(event.clusterId, (current) => applyEvent(current, event), signal);
        onChange(event.clusterId);
        return 'SUCCESS';
      },
    }),
  );
}
