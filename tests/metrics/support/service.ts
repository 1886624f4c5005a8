import { afterAll, beforeAll } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { UpstreamError } from '@bud-monitoring/client';
import type { Dapr, StateStore } from '@bud-monitoring/client/dapr';
import type { ClusterMetrics, NodeMetrics } from '@bud-monitoring/contracts';
import { createLogger, maxHeaderBytes } from '@bud-monitoring/service-kit';
import { compose } from '../../../services/metrics/src/compose.js';
import { readMetricsConfig } from '../../../services/metrics/src/config.js';
import type { NodeDirectory } from '../../../services/metrics/src/ports.js';
import { startStore, type Batch, type Store, type StoreName } from './store.js';
import { everythingLoaded } from '../../support/sidecar-metadata.js';

export interface TestService extends AsyncDisposable {
  readonly url: string;
  /** Unix seconds; the service's clock stands still. */
  now: number;
  readonly directory: FakeDirectory;
  readonly state: Map<string, unknown>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  metrics(cluster: string, query?: string): Promise<ClusterMetrics>;
  nodeMetrics(cluster: string): Promise<NodeMetrics>;
  /** A delivery of the sidecar. */
  deliver(path: string, event: unknown): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { object: string; data: unknown; type?: string; message: string; code?: number };
}

/** bud-cluster as the tests want it. */
export interface FakeDirectory extends NodeDirectory {
  known: {
    id: string;
    name: string;
    internalIp: string | null;
    devices: Record<string, unknown>[];
  }[];
  counts: Record<string, number>;
  down: boolean;
  calls: number;
}

/**
 * bud-metrics at the end of those samples, in front of a store of its own, for all tests of a block: `take` gets it
 * before the first of them, and both go after the last.
 */
export function serveForAll(
  version: StoreName,
  batch: Batch,
  take: (service: TestService) => void,
): void {
  let store: Store | undefined;
  let service: TestService | undefined;
  beforeAll(async () => {
    store = await startStore([batch], version);
    service = await startService({ prometheus: store.url, now: batch.end });
    take(service);
  }, 180_000);
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await store?.stop();
  });
}

/** bud-metrics inside this process, with a clock that stands still, in front of a real Prometheus. */
export async function startService(options: {
  prometheus: string;
  now: number;
  environment?: Record<string, string>;
  /** Instead of a sidecar whose state store is `state`. */
  dapr?: Dapr;
  /** Takes its warnings. */
  log?: (line: string) => void;
}): Promise<TestService> {
  const directory = fakeDirectory();
  const state = new Map<string, unknown>();
  const config = readMetricsConfig({
    AUTH_MODE: 'off',
    APP_API_TOKEN: 'delivery',
    PROMETHEUS_URL: options.prometheus,
    ...options.environment,
  });
  const logger = createLogger({
    ...{ service: 'test', level: options.log ? 'warn' : 'error' },
    write: options.log ?? (() => undefined),
  });
  const service = { now: options.now };
  const { app, stop } = compose({
    config,
    version: '0',
    logger,
    directory,
    dapr: options.dapr ?? fakeDapr(state),
    clock: { now: () => service.now * 1000 },
  });
  const server = createServer({ maxHeaderSize: maxHeaderBytes }, app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  app.lifecycle.markRunning();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(`${url}${path}`, init);
    const body = (await response.json()) as Reply['body'];
    return { status: response.status, headers: response.headers, body };
  };
  const get = (path: string, headers: Record<string, string> = {}) => send(path, { headers });
  const data = async (path: string): Promise<unknown> => {
    const { status, body } = await get(path);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${body.message}`);
    return body.data;
  };
  return Object.assign(service, {
    url,
    directory,
    state,
    get,
    metrics: async (cluster: string, query = '') => {
      const path = `/clusters/${cluster}/metrics${query === '' ? '' : `?${query}`}`;
      return (await data(path)) as ClusterMetrics;
    },
    nodeMetrics: async (cluster: string) =>
      (await data(`/clusters/${cluster}/node-metrics`)) as NodeMetrics,
    deliver: (path: string, event: unknown) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'dapr-api-token': 'delivery' },
        body: JSON.stringify(event),
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await stop();
    },
  });
}

function fakeDirectory(): FakeDirectory {
  const directory: FakeDirectory = {
    known: [],
    counts: {},
    down: false,
    calls: 0,
    nodes: () => answer(directory.known),
    eventCounts: () => answer(directory.counts),
    events: () => answer([]),
  };
  function answer<T>(value: T): Promise<T> {
    directory.calls += 1;
    if (!directory.down) return Promise.resolve(value);
    return Promise.reject(new UpstreamError({ upstream: 'bud-cluster', code: 'unreachable' }));
  }
  return directory;
}

/** A sidecar whose state store is a map. */
function fakeDapr(state: Map<string, unknown>): Dapr {
  const store: StateStore = {
    get: (key) =>
      Promise.resolve(state.has(key) ? { value: state.get(key) as never, etag: '1' } : null),
    save: (key, value) => {
      state.set(key, value);
      return Promise.resolve();
    },
    getMany: () => Promise.resolve(new Map()),
    delete: () => Promise.resolve(),
  };
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    invoke: unused,
    publish: unused,
    state: () => store,
    healthy: () => Promise.resolve(true),
    metadata: () => Promise.resolve(everythingLoaded),
    stop: () => Promise.resolve(),
  };
}
