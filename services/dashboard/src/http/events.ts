import { topics } from '@bud-monitoring/contracts';
import { defineCron, defineSubscription, type DaprRoute } from '@bud-monitoring/service-kit';
import type { EventHandler } from '../domain/events/event-handler.js';
import type { ResyncLoop } from '../domain/resync/resync-loop.js';

/** Where components/subscriptions.yaml delivers each topic. */
const routes = {
  '/events/cluster-created': topics.clusterCreated,
  '/events/cluster-updated': topics.clusterUpdated,
  '/events/cluster-deleted': topics.clusterDeleted,
  '/events/bud-app-messages': topics.budAppMessages,
} as const;

/** What the sidecar delivers: events, and the ticks of components/reconcile-dashboards.yaml. */
export function eventRoutes(options: {
  eventHandler: EventHandler;
  resyncLoop: ResyncLoop;
}): DaprRoute[] {
  const { eventHandler, resyncLoop } = options;
  return [
    ...Object.entries(routes).map(([path, topic]) =>
      defineSubscription({
        path,
        handler: (message, { text }) => eventHandler.handle(topic, message, text),
      }),
    ),
    defineSubscription({
      path: '/events/dead-letter',
      handler: (message) => eventHandler.handleDeadLetter(message),
    }),
    defineCron({ path: '/reconcile-dashboards', handler: () => resyncLoop.tick() }),
  ];
}
