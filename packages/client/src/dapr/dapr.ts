import { createHttpClient } from '../http/http-client.js';
import { createInvoke } from './invoke.js';
import { createMetadata } from './metadata.js';
import { createPublish } from './publish.js';
import { createSdk } from './sdk.js';
import { createStateStore } from './state.js';
import type { Dapr } from './types.js';

export interface DaprOptions {
  /** Where the sidecar's HTTP API listens, as `http://127.0.0.1:3500`. */
  baseUrl: string;
  /** Token the sidecar demands of us; sent as `dapr-api-token`, never read from the environment. */
  apiToken?: string | undefined;
  /** Milliseconds one call may take. Default 10 000. */
  timeoutMs?: number | undefined;
}

/** The port to the Dapr sidecar; nothing is opened before the first call. */
export function createDapr({ baseUrl, apiToken, timeoutMs = 10_000 }: DaprOptions): Dapr {
  const headers = apiToken === undefined || apiToken === '' ? {} : { 'dapr-api-token': apiToken };
  const http = createHttpClient({ upstream: 'dapr', baseUrl, headers, timeoutMs });
  const sdk = createSdk({ baseUrl, apiToken, http });
  return {
    invoke: createInvoke(http),
    publish: createPublish(http),
    state: (store) => createStateStore(store, sdk),
    healthy: (signal) =>
      // "outbound" is about the sidecar and its components; plain healthz waits for our own port too.
      http.request({ method: 'GET', path: '/v1.0/healthz/outbound', signal }).then(
        ({ status }) => status < 300,
        () => false,
      ),
    metadata: createMetadata(http),
    stop() {
      http.close();
      return Promise.resolve();
    },
  };
}
