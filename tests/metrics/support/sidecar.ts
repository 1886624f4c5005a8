import { UpstreamError } from '@bud-monitoring/client';
import type { Dapr } from '@bud-monitoring/client/dapr';
import type { AlertEvent } from '@bud-monitoring/contracts';
import { createMemoryState, type MemoryState } from '../../dashboard/support/memory-state.js';
import { everythingLoaded } from '../../support/sidecar-metadata.js';

/** A sidecar in memory: its state store keeps etags, and what is published is kept in order. */
export interface TestSidecar {
  readonly dapr: Dapr;
  readonly state: MemoryState;
  readonly published: { id: string; event: AlertEvent }[];
  /** Refuses to publish while true. */
  brokerDown: boolean;
}

export function createTestSidecar(): TestSidecar {
  const state = createMemoryState({ clock: { now: () => 0 } });
  const sidecar: TestSidecar = {
    state,
    published: [],
    brokerDown: false,
    dapr: {
      invoke: () => Promise.reject(new Error('not used here')),
      publish: (_pubsub, _topic, event, { cloudEvent } = {}) => {
        if (sidecar.brokerDown) {
          return Promise.reject(new UpstreamError({ upstream: 'dapr', code: 'unreachable' }));
        }
        sidecar.published.push({ id: cloudEvent?.id ?? '', event: event as AlertEvent });
        return Promise.resolve();
      },
      state: () => state,
      healthy: () => Promise.resolve(true),
      metadata: () => Promise.resolve(everythingLoaded),
      stop: () => Promise.resolve(),
    },
  };
  return sidecar;
}
