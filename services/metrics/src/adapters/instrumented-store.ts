import type { RawStore } from '@bud-monitoring/client/prometheus';
import type { Upstream } from '../domain/prometheus-api/upstream/upstream.js';

/** The metric store's HTTP API; `onRequest` counts each request by its endpoint. */
export function createInstrumentedStore(options: {
  store: RawStore;
  onRequest: (kind: string) => void;
}): Upstream {
  const { store, onRequest } = options;
  return {
    send(request, signal) {
      const { path } = request;
      const endpoint = path.startsWith('/label/') ? '/label_values' : path;
      onRequest(`api${endpoint.replaceAll('/', '_')}`);
      return store.send(request, signal);
    },
  };
}
