import type { Dapr } from '@bud-monitoring/client/dapr';
import type { EventPublisher } from '../ports.js';

/** Publishes dashboard events as CloudEvents through Dapr. */
export function createEventPublisher({
  dapr,
  pubsub,
}: {
  dapr: Dapr;
  pubsub: string;
}): EventPublisher {
  return {
    publish: (topic, event) =>
      dapr.publish(pubsub, topic, event, {
        cloudEvent: { type: topic, source: 'bud-dashboard', time: event.time },
      }),
  };
}
