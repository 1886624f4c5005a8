import type { RawStore } from '@bud-monitoring/client/prometheus';
import type { StoreGate } from '../domain/prometheus-api/upstream/concurrency-limit.js';

/** The store's HTTP API for the scoped API; each call is told to `onRequest` by its kind of path. */
export function createStoreGate(options: {
  store: RawStore;
  onRequest: (kind: string) => void;
}): StoreGate {
  return {
    send(call, signal) {
      const path = call.path.startsWith('/label/') ? '/label_values' : call.path;
      options.onRequest(`api${path.replaceAll('/', '_')}`);
      return options.store.send(call, signal);
    },
  };
}
