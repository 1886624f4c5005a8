import { topics } from '@bud-monitoring/contracts';
import { readBudMessage } from './bud-message.js';
import { malformed, readClusterEvent, type ReadResult } from './cluster-event.js';

/** The topics with cluster events, by the path that components/subscriptions.yaml delivers them to. */
export const eventTopics = {
  '/events/cluster-created': topics.clusterCreated,
  '/events/cluster-updated': topics.clusterUpdated,
  '/events/cluster-deleted': topics.clusterDeleted,
  '/events/bud-app-messages': topics.budAppMessages,
} as const;

/**
 * Reads a message of a topic, in whatever form it was published and delivered. `receivedAt` (Unix ms)
 * stands in for a missing time. Never throws.
 */
export function readEvent(topic: string, message: unknown, receivedAt: number): ReadResult {
  switch (topic) {
    case topics.clusterCreated:
      return readClusterEvent('created', message, receivedAt);
    case topics.clusterUpdated:
      return readClusterEvent('updated', message, receivedAt);
    case topics.clusterDeleted:
      return readClusterEvent('deleted', message, receivedAt);
    case topics.budAppMessages:
      return readBudMessage(message, receivedAt);
    default:
      return malformed('the topic it was published to is not known');
  }
}
