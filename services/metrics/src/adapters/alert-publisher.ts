import type { Dapr } from '@bud-monitoring/client/dapr';
import { topics } from '@bud-monitoring/contracts';
import type { AlertPublisher } from '../ports.js';

/** Publishes alerts as CloudEvents. */
export function createAlertPublisher(options: { dapr: Dapr; pubsub: string }): AlertPublisher {
  const { dapr, pubsub } = options;
  return {
    publish: ({ id, time, event }, signal) =>
      dapr.publish(pubsub, topics.clusterAlerts, event, {
        signal,
        cloudEvent: {
          id,
          type: topics.clusterAlerts,
          source: 'bud-metrics',
          time: new Date(time * 1000).toISOString(),
        },
      }),
  };
}
