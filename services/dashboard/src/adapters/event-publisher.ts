import type { Dapr } from '@bud-monitoring/client/dapr';
import type { Announcer } from '../ports.js';

/** Publishes what happened to dashboards. */
export function createAnnouncer({ dapr, pubsub }: { dapr: Dapr; pubsub: string }): Announcer {
  return {
    publish: (topic, event) =>
      dapr.publish(pubsub, topic, event, {
        cloudEvent: { type: topic, source: 'bud-dashboard', time: event.time },
      }),
  };
}
