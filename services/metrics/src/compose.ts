import { readFileSync } from 'node:fs';
import { systemClock } from '@bud-monitoring/client';
import { createBudClusterClient } from '@bud-monitoring/client/bud-cluster';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { createGrafanaClient } from '@bud-monitoring/client/grafana';
import { createPrometheusClient, type PrometheusClient } from '@bud-monitoring/client/prometheus';
import {
  createAuthenticator,
  createServiceApp,
  prometheusErrors,
  type Logger,
  type ServiceApp,
} from '@bud-monitoring/service-kit';
import { Registry } from 'prom-client';
import { createAnswerCache } from './adapters/cache/answers.js';
import { createExpiring } from './adapters/cache/expiring.js';
import { createRecentCache } from './adapters/cache/recent.js';
import { createSettledCache } from './adapters/cache/settled.js';
import { createClusterRegistry } from './adapters/cluster-registry.js';
import { createMetricSource } from './adapters/metric-source.js';
import { createNodeDirectory } from './adapters/node-directory.js';
import { createRateSemantics } from './adapters/store-rates.js';
import { composeFleet } from './compose-fleet.js';
import { composePrometheusApi } from './compose-prometheus-api.js';
import type { Config } from './config.js';
import { createClusterMetrics } from './domain/cluster-metrics/index.js';
import { probeCatalogue, type CatalogueProbeRequest } from './domain/cluster-probe.js';
import { createExisting } from './domain/existence/existing.js';
import { catalogueCounters, catalogueMetricNames } from './domain/metrics/index.js';
import { containerCpu } from './domain/node-metrics/cgroups.js';
import { createNodeMetrics } from './domain/node-metrics/index.js';
import { nodeMetricNames } from './domain/node-metrics/plan.js';
import type { Probe } from './domain/targets/probe.js';
import { clusterMetricsRoute } from './http/cluster-metrics.js';
import { eventRoutes } from './http/events.js';
import { createHealth } from './http/health.js';
import { nodeRoutes } from './http/node-metrics.js';
import { prometheusApiPath } from './http/prometheus-api.js';
import type { Clock, NodeDirectory } from './ports.js';
import { createTelemetry } from './telemetry.js';

export interface ComposeOptions {
  config: Config;
  version: string;
  logger: Logger;
  /** What tests give instead of the real ones. */
  clock?: Clock;
  dapr?: Dapr;
  prometheus?: PrometheusClient;
  directory?: NodeDirectory;
}

/** The service, wired. */
export interface Composed {
  app: ServiceApp;
  stop: () => Promise<void>;
}

/** Most probes remembered: one a cluster and range. */
const mostProbes = 2000;

export function compose(options: ComposeOptions): Composed {
  const { config, version, logger, clock = systemClock } = options;
  const registry = new Registry();
  const telemetry = createTelemetry(registry);
  const dapr =
    options.dapr ?? createDapr({ baseUrl: config.dapr.baseUrl, apiToken: config.dapr.apiToken });
  const prometheus = options.prometheus ?? prometheusOf(config, telemetry.policyState);
  const source = createMetricSource({ prometheus, onRequest: telemetry.storeRequest });
  const directory =
    options.directory ??
    createNodeDirectory(createBudClusterClient({ dapr, ...config.budCluster }));
  const clusters = createClusterRegistry(dapr.state(config.dapr.stateStoreName));
  const existing = createExisting({ source, registry: clusters, clock });
  const probes = createExpiring<Probe>({
    clock,
    ttlMs: config.probeTtlMs,
    max: mostProbes,
    // A cluster without metrics may have its first ones any moment.
    keep: ({ names }) => names.size > 0,
  });
  const rateSemantics = createRateSemantics(source);
  const probe = async (request: Omit<CatalogueProbeRequest, 'settings' | 'rateSemantics'>) =>
    probeCatalogue(source, {
      ...{ ...request, settings: config.store },
      rateSemantics: await rateSemantics(Math.floor(clock.now() / 1000), request.signal),
    });
  const maxBytes = config.settledCacheBytes;
  const remembering = createRecentCache({
    source: createSettledCache({ source, clock, maxBytes: 0.75 * maxBytes }),
    maxBytes: 0.25 * maxBytes,
  });
  const shared = { source: remembering, directory, existing, clock };
  const clusterMetrics = createClusterMetrics({
    ...shared,
    probe: (cluster, window, signal) => {
      const range = window.name === 'custom' ? [window.start, window.end] : [window.name];
      return probes(JSON.stringify([cluster, ...range]), signal, (own) =>
        probe({
          ...{
            cluster,
            metricNames: catalogueMetricNames,
            counters: catalogueCounters,
            signal: own,
          },
          ranges: [window, window.previous],
        }),
      );
    },
  });
  const nodeMetrics = createNodeMetrics({
    ...shared,
    probe: (cluster, window, signal) =>
      probes(JSON.stringify([cluster, 'nodes']), signal, (own) =>
        probe({
          ...{ cluster, metricNames: nodeMetricNames, counters: [containerCpu], signal: own },
          ranges: [window],
        }),
      ),
  });
  const prometheusApi = composePrometheusApi({
    ...{ config, source, directory, clock, telemetry },
    ...{ store: prometheusOptions(config), registry: clusters },
  });
  const cache = createAnswerCache({ clock, ...config.cache });
  const fleet = composeFleet({
    ...{ config, logger, clock, dapr, source, directory, existing, clusterMetrics, telemetry },
    registry: clusters,
  });
  const app = createServiceApp({
    name: 'bud-metrics',
    version,
    description: 'What Kubernetes clusters and their nodes are doing.',
    logger,
    registry,
    authenticator: createAuthenticator(config.auth, { logger, clock }),
    routes: [
      clusterMetricsRoute({ clusterMetrics, cache, clock }),
      ...nodeRoutes({ nodeMetrics, directory, registry: clusters, cache, clock }),
      ...prometheusApi.routes,
      ...fleet.routes,
    ],
    errorFormats: [prometheusErrors(prometheusApiPath)],
    daprRoutes: [
      ...eventRoutes({
        ...{ registry: clusters, clock, logger },
        onChange: (cluster) => {
          cache.drop(cluster);
          prometheusApi.onClusterChange(cluster);
          fleet.onClusterChange();
        },
      }),
      ...fleet.daprRoutes,
    ],
    health: createHealth({
      ...{ dapr, registry: clusters, prometheus, directory, clock },
      grafana: grafanaVersion(config),
    }),
  });
  return {
    app,
    stop: async () => {
      await Promise.all([dapr.stop(), prometheusApi.stop()]);
    },
  };
}

function prometheusOf(
  config: Config,
  onPolicyState: ReturnType<typeof createTelemetry>['policyState'],
): PrometheusClient {
  return createPrometheusClient({ ...prometheusOptions(config), onPolicyState });
}

function prometheusOptions({ prometheus: { caFile, ...rest } }: Config) {
  return { ...rest, ca: caFile === undefined ? undefined : readFileSync(caFile, 'utf8') };
}

function grafanaVersion({ grafana }: Config) {
  if (grafana === null) return null;
  const client = createGrafanaClient(grafana);
  return async (signal: AbortSignal) => (await client.health(signal)).version;
}
