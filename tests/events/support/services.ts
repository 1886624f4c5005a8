import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Dapr } from '@bud-monitoring/client/dapr';
import { createLogger, type ServiceApp } from '@bud-monitoring/service-kit';
import { compose as composeDashboard } from '../../../services/dashboard/src/compose.js';
import { readDashboardConfig } from '../../../services/dashboard/src/config.js';
import { compose as composeMetrics } from '../../../services/metrics/src/compose.js';
import { readMetricsConfig } from '../../../services/metrics/src/config.js';
import type { ClusterRecord as DashboardRecord } from '../../../services/dashboard/src/domain/state/record.js';
import type { ClusterRecord as MetricsRecord } from '../../../services/metrics/src/ports.js';
import { createMemoryState, type MemoryState } from '../../dashboard/support/memory-state.js';
import { everythingLoaded } from '../../support/sidecar-metadata.js';

/** What a service knows of a cluster by events; null where it knows nothing. */
export type Known = { living: boolean; name: string | null; time: string } | null;

/** A service with its deliveries, behind a sidecar whose state store is memory. */
export interface EventService {
  readonly name: string;
  readonly url: string;
  readonly log: Record<string, unknown>[];
  /** A delivery of the sidecar; resolves to the status it is answered with. */
  deliver(path: string, body: string | Buffer, headers?: Record<string, string>): Promise<string>;
  known(id: string): Known;
  /** Clusters that it knows. */
  clusters(): string[];
  /** The samples of a metric of its own, as text. */
  samples(metric: string): Promise<string[]>;
}

/** Both services at one time that stands still until it is set. */
export interface BothServices extends AsyncDisposable {
  /** Unix ms. */
  now: number;
  readonly all: readonly [metrics: EventService, dashboard: EventService];
}

const appToken = 'delivery';
const nowhere = '127.0.0.1:9';

/** Starts both services; neither store nor Grafana is there, as events need none. */
export async function startBothServices(now: number): Promise<BothServices> {
  const time = { now };
  const clock = { now: () => time.now };
  const metrics = await start('metrics', clock, ({ dapr, logger }) =>
    Promise.resolve(
      composeMetrics({
        config: readMetricsConfig({
          AUTH_MODE: 'off',
          APP_API_TOKEN: appToken,
          PROMETHEUS_URL: `http://${nowhere}`,
        }),
        version: '0',
        logger,
        dapr,
        clock,
      }),
    ),
  );
  const dashboard = await start('dashboard', clock, ({ dapr, logger }) =>
    composeDashboard({
      config: readDashboardConfig({
        AUTH_MODE: 'off',
        APP_API_TOKEN: appToken,
        GRAFANA_URL: nowhere,
        GRAFANA_TOKEN: 'token',
        DISCOVER_CLUSTERS: 'false',
      }),
      version: '0',
      logger,
      dapr,
      clock,
    }),
  );
  return Object.assign(time, {
    all: [metrics.service, dashboard.service] as const,
    async [Symbol.asyncDispose]() {
      await Promise.all([metrics.stop(), dashboard.stop()]);
    },
  });
}

async function start(
  name: 'metrics' | 'dashboard',
  clock: { now: () => number },
  compose: (options: {
    dapr: Dapr;
    logger: ReturnType<typeof createLogger>;
  }) => Promise<{ app: ServiceApp; stop: () => Promise<void> }>,
): Promise<{ service: EventService; stop: () => Promise<void> }> {
  const state = createMemoryState({ clock });
  const log: Record<string, unknown>[] = [];
  const write = (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>);
  const logger = createLogger({ service: name, level: 'info', write });
  const { app, stop } = await compose({ dapr: sidecarWith(state), logger });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  app.lifecycle.markRunning();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const toKnown = name === 'metrics' ? knownByMetrics : knownByDashboard;
  const service: EventService = {
    name,
    url,
    log,
    async deliver(path, body, headers = { 'content-type': 'application/cloudevents+json' }) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { ...headers, 'dapr-api-token': appToken },
        body,
      });
      return ((await response.json()) as { status: string }).status;
    },
    known(id) {
      const record = state.all().get(`cluster:${id}`);
      return record === undefined ? null : toKnown(record);
    },
    clusters: () =>
      [...state.all().keys()].flatMap((key) => /^cluster:([0-9a-f-]{36})$/.exec(key)?.[1] ?? []),
    async samples(metric) {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.split('\n').filter((line) => line.startsWith(`bud_${name}_${metric}{`));
    },
  };
  return {
    service,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await stop();
    },
  };
}

function knownByMetrics(value: unknown): Known {
  const { state, name, events } = value as MetricsRecord;
  return { living: state === 'present', name, time: events?.life.time ?? 'none' };
}

function knownByDashboard(value: unknown): Known {
  const { life, name } = (value as DashboardRecord).desired;
  return { living: life.state === 'living', name: name?.value ?? null, time: life.time };
}

function sidecarWith(state: MemoryState): Dapr {
  const unused = () => Promise.reject(new Error('not used here'));
  return {
    invoke: unused,
    publish: () => Promise.resolve(),
    state: () => state,
    healthy: () => Promise.resolve(true),
    metadata: () => Promise.resolve(everythingLoaded),
    stop: () => Promise.resolve(),
  };
}
