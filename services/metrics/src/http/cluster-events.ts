import {
  eventTopics,
  readEvent,
  summarizeMessage,
  type ClusterEvent,
  type Outranking,
} from '@bud-monitoring/cluster-events';
import { defineSubscription, type DaprRoute, type Logger } from '@bud-monitoring/service-kit';
import type { ClusterId } from '@bud-monitoring/contracts';
import { applyEvent } from '../domain/clusters/apply-event.js';
import type { Clock, ClusterRegistry } from '../ports.js';

/**
 * Cluster events that the sidecar delivers. The record is written before the event is acknowledged; if it
 * cannot be written, the error is answered as RETRY. What cannot be used is dropped, into the dead letter
 * topic, of which bud-dashboard stores it.
 */
export function clusterEventRoutes(options: {
  registry: ClusterRegistry;
  clock: Clock;
  logger: Logger;
  onChange: (cluster: ClusterId) => void;
  onOutranked: (event: ClusterEvent, outranking: Outranking) => void;
}): DaprRoute[] {
  const { registry, clock, logger, onChange, onOutranked } = options;
  return Object.entries(eventTopics).map(([path, topic]) =>
    defineSubscription({
      path,
      async handler(message, { signal }) {
        const result = readEvent(topic, message, clock.now());
        if (result.kind === 'ignored') return 'SUCCESS';
        if (result.kind === 'malformed') {
          const { source, id } = summarizeMessage(message);
          logger.warn('an event was refused', { topic, reason: result.reason, source, id });
          return 'DROP';
        }
        const { event } = result;
        const applied: { outranking: Outranking | null } = { outranking: null };
        await registry.update(
          event.clusterId,
          (current) => {
            const { record, outranking } = applyEvent(current, event);
            applied.outranking = outranking;
            return record;
          },
          signal,
        );
        onChange(event.clusterId);
        if (applied.outranking !== null) onOutranked(event, applied.outranking);
        return 'SUCCESS';
      },
    }),
  );
}
