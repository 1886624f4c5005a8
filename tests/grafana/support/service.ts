import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UpstreamError } from '@bud-monitoring/client';
import type { Dapr, StateStore } from '@bud-monitoring/client/dapr';
import { createLogger } from '@bud-monitoring/service-kit';
import { compose } from '../../../services/dashboard/src/compose.js';
import { readDashboardConfig } from '../../../services/dashboard/src/config.js';
import type { OpenTarget } from './target.js';
import { everythingLoaded } from '../../support/sidecar-metadata.js';

interface Answer {
  status: number;
  body: { data?: Record<string, unknown>; message?: string };
}

/** bud-dashboard inside this process, at real time, on a state store that outlives it. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  deliver(
    kind: 'created' | 'updated' | 'deleted',
    event: { clusterId: string; name?: string; time?: string },
  ): Promise<void>;
  call(method: string, clusterId: string, path?: string): Promise<Answer>;
  /** Asks until the answer is as wanted; fails with the last one after 20 s. */
  until(clusterId: string, wanted: (answer: Answer) => boolean): Promise<Answer>;
}

export const isReady = ({ body }: Answer) => body.data?.['status'] === 'ready';
export const isFailed = ({ body }: Answer) => body.data?.['status'] === 'failed';
export const isGone = ({ status }: Answer) => status === 404;

export async function startService(options: {
  target: OpenTarget;
  state: StateStore;
  folder: string;
  /** Instead of the administrator's. */
  token?: string;
  environment?: Record<string, string>;
}): Promise<Service> {
  const { target, state, folder, token } = options;
  const config = readDashboardConfig({
    AUTH_MODE: 'off',
    APP_API_TOKEN: 'delivery',
    GRAFANA_SCHEME: target.scheme,
    GRAFANA_URL: target.url,
    GRAFANA_FOLDER: folder,
    DISCOVER_CLUSTERS: 'false',
    PENDING_INTERVAL: '1s',
    DRIFT_INTERVAL: '1s',
    GRAFANA_LOGIN_PAUSE: '1s',
    ...(token === undefined ? target.credentials : { GRAFANA_TOKEN: token }),
    ...options.environment,
  });
  const logger = createLogger({ service: 'test', level: 'error', write: () => undefined });
  const { app, start, stop } = await compose({ config, version: '0', logger, dapr: dapr(state) });
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  app.lifecycle.markRunning();
  start();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = { 'content-type': 'application/json', 'dapr-api-token': 'delivery' };
  // In place of the cron binding; one that fails is followed by the next.
  const binding = setInterval(() => {
    fetch(`${url}/reconcile-dashboards`, { method: 'POST', headers }).catch(() => undefined);
  }, 1_000);

  const call: Service['call'] = async (method, clusterId, path = '') => {
    const response = await fetch(`${url}/clusters/${clusterId}/grafana-dashboard${path}`, {
      method,
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  return {
    url,
    call,
    async deliver(kind, { clusterId, name, time = new Date().toISOString() }) {
      const response = await fetch(`${url}/events/cluster-${kind}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ time, data: { cluster_id: clusterId, name } }),
      });
      const { status } = (await response.json()) as { status?: string };
      if (status !== 'SUCCESS') throw new Error(`the delivery was answered ${String(status)}`);
    },
    async until(clusterId, wanted) {
      const deadline = performance.now() + 20_000;
      for (;;) {
        const answer = await call('GET', clusterId);
        if (wanted(answer)) return answer;
        if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(answer)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(binding);
      await stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A sidecar that is nothing but a state store. */
function dapr(state: StateStore): Dapr {
  return {
    state: () => state,
    publish: () => Promise.resolve(),
    invoke: () => Promise.reject(new UpstreamError({ upstream: 'dapr', code: 'unreachable' })),
    healthy: () => Promise.resolve(true),
    metadata: () => Promise.resolve(everythingLoaded),
    stop: () => Promise.resolve(),
  };
}
