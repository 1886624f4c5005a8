import { eventTopics } from '@bud-monitoring/cluster-events';
import { defineCron, defineSubscription, type DaprRoute } from '@bud-monitoring/service-kit';
import type { EventHandler } from '../domain/events/event-handler.js';
import type { ResyncLoop } from '../domain/resync/resync-loop.js';
import { orUnavailable } from './store-down.js';

/** What the sidecar delivers: events, and the ticks of components/reconcile-dashboards.yaml. */
export function eventRoutes(options: {
  eventHandler: EventHandler;
  resyncLoop: ResyncLoop;
}): DaprRoute[] {
  const { eventHandler, resyncLoop } = options;
  return [
    ...Object.entries(eventTopics).map(([path, topic]) =>
      defineSubscription({
        path,
        handler: (message, { text }) => eventHandler.handle(topic, message, text),
      }),
    ),
    defineSubscription({
      path: '/events/dead-letter',
      handler: (message) => eventHandler.handleDeadLetter(message),
    }),
    defineCron({
      path: '/reconcile-dashboards',
      handler: () => orUnavailable(() => resyncLoop.tick()),
    }),
  ];
}
