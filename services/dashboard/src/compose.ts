import { randomUUID, scryptSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runDetached, systemClock } from '@bud-monitoring/client';
import { eventTopics } from '@bud-monitoring/cluster-events';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { createGrafanaClient } from '@bud-monitoring/client/grafana';
import { createPrometheusClient } from '@bud-monitoring/client/prometheus';
import { topics, useClusterIdFormat } from '@bud-monitoring/contracts';
import {
  createAuthenticator,
  createServiceApp,
  createSparingLog,
  createStateStoreProbe,
  observeSidecar,
  type Logger,
  type PrometheusAccess,
  type ServiceApp,
} from '@bud-monitoring/service-kit';
import { Registry } from 'prom-client';
import { createClusterDiscoverySource } from './adapters/cluster-discovery-source.js';
import { createEventPublisher } from './adapters/event-publisher.js';
import { createGrafana } from './adapters/grafana.js';
import { createStore } from './adapters/state-store.js';
import { readFleetDashboard, readProductDashboard, readTemplates } from './adapters/templates.js';
import { systemTimers } from './adapters/timers.js';
import type { Config } from './config.js';
import { createController } from './domain/controller.js';
import type { StatusCounts } from './domain/resync/status-counts.js';
import { clusterRoutes } from './http/clusters.js';
import { dashboardRoutes } from './http/dashboards.js';
import { deadLetterRoutes } from './http/dead-letters.js';
import { eventRoutes } from './http/events.js';
import { createDeletionsHealth } from './http/deletions-health.js';
import { createDatasourceHealth } from './http/datasource-health.js';
import { createHealth } from './http/health.js';
import { templateRoutes } from './http/templates.js';
import type { Clock, ClusterDiscoverySource, Timers } from './ports.js';
import { createTelemetry } from './telemetry.js';

export interface ComposeOptions {
  config: Config;
  version: string;
  logger: Logger;
  /** Replaced by tests. */
  dapr?: Dapr;
  clock?: Clock;
  timers?: Timers;
  random?: () => number;
}

/** The service, wired: its app, and what runs beside the requests. */
export interface Composed {
  app: ServiceApp;
  start: () => void;
  stop: () => Promise<void>;
}

export async function compose(options: ComposeOptions): Promise<Composed> {
  const { config, version, logger: log, random = Math.random } = options;
  useClusterIdFormat(config.clusterIdFormat);
  const { clock = systemClock, timers = systemTimers } = options;
  const registry = new Registry();
  const telemetry = createTelemetry(registry, { clusterNames: config.fleetDashboard });
  const templates = await readTemplates(config.templatesDir);
  for (const { name, report } of templates)
    if (!report.valid) log.error('a template cannot be used', { template: name, ...report });

  const { pubsubName: pubsub, stateStoreName } = config.dapr;
  const sidecar = observeSidecar(
    options.dapr ?? createDapr({ baseUrl: config.dapr.baseUrl, apiToken: config.dapr.apiToken }),
    {
      pubsub,
      components: [pubsub, stateStoreName, 'reconcile-dashboards'],
      topics: [...Object.values(eventTopics), topics.deadLetter],
    },
  );
  const { dapr } = sidecar;
  const state = dapr.state(stateStoreName);
  const store = createStore({ state });
  const client = createGrafanaClient({
    ...config.grafana,
    onCircuitState: (_name, state) => telemetry.policyState(state),
  });
  const { folder } = config.grafana;
  const datasource = {
    ...config.grafana.datasource,
    access: await withCa(config.grafana.datasource.access),
  };
  const publicLinkUrl = (token: string) => `${config.grafana.publicUrl}/public-dashboards/${token}`;
  const sharing = { allowed: config.sharingAllowed };
  let statusCounts: StatusCounts | null = null;
  const grafana = createGrafana({ client, clock, log, folder, datasource });
  const controller = createController({
    store,
    grafana,
    discoverySource: await connectDiscoverySource(config),
    eventPublisher: createEventPublisher({ dapr, pubsub }),
    clock,
    timers,
    detached: runDetached,
    log,
    sparingLog: createSparingLog({ log, clock }),
    meter: telemetry,
    random,
    holder: randomUUID(),
    version,
    settings: { templates, drift: config.drift, sharing },
    own: [
      ...(config.productDashboard ? [await readProductDashboard(config.templatesDir)] : []),
      ...(config.fleetDashboard ? [await readFleetDashboard(config.templatesDir)] : []),
    ],
    publicLinkUrl: config.eventsWithLink ? publicLinkUrl : null,
    fingerprint: fingerprintOf(config),
    loginPauseMs: config.grafana.token === undefined ? config.grafana.loginPauseMs : 0,
    concurrency: config.concurrency,
    pendingIntervalMs: config.pendingIntervalMs,
    driftIntervalMs: config.driftIntervalMs,
    isGrafanaUp: () =>
      client.health().then(
        ({ database }) => database === 'ok',
        () => false,
      ),
    onStatusCounts: (counts) => {
      statusCounts = counts;
      telemetry.statusCounts(counts);
      void controller.deadLetters.totals().then(telemetry.deadLetters, () => undefined);
    },
  });
  const response = { sharing, publicLinkUrl };
  const app = createServiceApp({
    name: 'bud-dashboard',
    version,
    description: 'Grafana dashboards with a public link for every cluster.',
    logger: log,
    registry,
    authenticator: createAuthenticator(config.auth, { logger: log, clock }),
    routes: [
      ...clusterRoutes({ ...controller, clock, timers, response }),
      ...dashboardRoutes({ ...controller, clock, response }),
      ...templateRoutes({ templates }),
      ...deadLetterRoutes(controller),
    ],
    daprRoutes: eventRoutes(controller),
    health: createHealth({
      ...controller,
      dapr,
      sidecar: sidecar.check,
      stateStore: createStateStoreProbe({ state, clock }),
      grafana: client,
      clock,
      deletions: createDeletionsHealth({ ...controller, sharing, clock }),
      datasource: createDatasourceHealth({ grafana, client }),
      statusCounts: () => statusCounts,
      tickIntervalMs: config.pendingIntervalMs,
    }),
  });
  return {
    app,
    start: () => controller.resyncLoop.start(),
    async stop() {
      await controller.stop();
      await dapr.stop();
    },
  };
}

async function connectDiscoverySource({
  prometheus,
}: Config): Promise<ClusterDiscoverySource | null> {
  if (prometheus === null) return null;
  const connection = await withCa(prometheus);
  return createClusterDiscoverySource({ client: createPrometheusClient(connection) });
}

/** The certificate authority in place of its file. */
async function withCa<T extends PrometheusAccess>({
  caFile,
  ...rest
}: T): Promise<Omit<T, 'caFile'> & { ca: string | undefined }> {
  return { ...rest, ca: caFile === undefined ? undefined : await readFile(caFile, 'utf8') };
}

/** Differs for other credentials; a slow hash, so that it does not help to guess them. */
function fingerprintOf({ grafana }: Config): string {
  const { url, token = '', username = '', password = '' } = grafana;
  const secret = JSON.stringify([url, token, username, password]);
  return scryptSync(secret, 'bud-dashboard', 16).toString('base64url');
}
