import type { RawStore } from '@bud-monitoring/client/prometheus';
import type { StoreGate } from '../domain/prometheus-api/answer.js';

/** The store's HTTP API for the scoped API; each call is told to `onRequest`. */
export function createStoreGate(options: {
  store: RawStore;
  onRequest: (kind: string) => void;
}): StoreGate {
  return {
    send(call, signal) {
      options.onRequest(
        `api${call.path.replace(/^\/label\/.*/, '/label/values').replaceAll('/', '_')}`,
      );
      return options.store.send(call, signal);
    },
  };
}
