import { createServer } from 'node:http';
import { createLogger } from '@bud-monitoring/service-kit';
import { close, listen } from '../../../packages/service-kit/src/testing/app.js';
import { compose } from '../../../services/dashboard/src/compose.js';
import { readDashboardConfig } from '../../../services/dashboard/src/config.js';
import {
  startFakeGrafana,
  type FakeGrafana,
} from '../../../stack/src/fakes/fake-grafana/server.js';
import { createTestSidecar } from '../../metrics/support/sidecar.js';
import type { MemoryState } from './memory-state.js';

/** The service over HTTP, with a fake Grafana and a state store in memory; not started. */
export interface HttpApp extends AsyncDisposable {
  grafana: FakeGrafana;
  state: MemoryState;
  start: () => void;
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- a test names what it expects
  request<Data>(
    method: string,
    path: string,
    body?: string,
  ): Promise<{ status: number; body: { data: Data } }>;
  /** Delivers a message as the sidecar does; the answer's `status`. */
  deliver(topic: string, body: string): Promise<unknown>;
  /** The value of a metric without labels. */
  metric(name: string): Promise<number>;
}

export async function startHttpApp(env: Record<string, string> = {}): Promise<HttpApp> {
  const clock = { now: () => Date.now() };
  const grafana = await startFakeGrafana({ dialect: '9.4', clock });
  const { dapr, state } = createTestSidecar();
  const service = await compose({
    config: readDashboardConfig({
      AUTH_MODE: 'off',
      GRAFANA_URL: new URL(grafana.url).host,
      GRAFANA_SCHEME: 'http',
      GRAFANA_USERNAME: 'admin',
      GRAFANA_PASSWORD: 'admin',
      DISCOVER_CLUSTERS: 'false',
      PRODUCT_DASHBOARD: 'false',
      FLEET_DASHBOARD: 'false',
      ...env,
    }),
    version: '0',
    dapr,
    logger: createLogger({ service: 'test', level: 'error', write: () => undefined }),
  });
  const server = createServer(service.app);
  const url = await listen(server);
  service.app.lifecycle.markRunning();
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- a test names what it expects
  const request = async <Data>(method: string, path: string, body?: string) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    return { status: response.status, body: (await response.json()) as { data: Data } };
  };
  return {
    grafana,
    state,
    start: service.start,
    request,
    deliver: async (topic, body) =>
      ((await request('POST', `/events/${topic}`, body)).body as { status?: unknown }).status,
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
      await close(server);
      await grafana.close();
    },
  };
}
