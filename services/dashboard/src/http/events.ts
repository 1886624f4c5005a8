import { topics } from '@bud-monitoring/contracts';
import { defineSubscription, type DaprRoute } from '@bud-monitoring/service-kit';
import type { Delivery } from '../domain/delivery.js';

/** Where components/subscriptions.yaml delivers each topic. */
const routes = {
  '/events/cluster-created': topics.clusterCreated,
  '/events/cluster-updated': topics.clusterUpdated,
  '/events/cluster-deleted': topics.clusterDeleted,
  '/events/bud-app-messages': topics.budAppMessages,
} as const;

/** What the sidecar delivers. */
export function eventRoutes({ delivery }: { delivery: Delivery }): DaprRoute[] {
  return [
    ...Object.entries(routes).map(([path, topic]) =>
      defineSubscription({ path, handler: (message) => delivery.take(topic, message) }),
    ),
    defineSubscription({
      path: '/events/dead-letter',
      handler: (message) => delivery.takeDeadLetter(message),
    }),
  ];
}
