import { readFileSync } from 'node:fs';
import { systemClock } from '@bud-monitoring/client';
import { createOutrankedReport, eventTopics } from '@bud-monitoring/cluster-events';
import { createBudClusterClient } from '@bud-monitoring/client/bud-cluster';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { createGrafanaClient } from '@bud-monitoring/client/grafana';
import { createPrometheusClient, type PrometheusClient } from '@bud-monitoring/client/prometheus';
import { useClusterIdFormat } from '@bud-monitoring/contracts';
import {
  createAuthenticator,
  createServiceApp,
  createSparingLog,
  createStateStoreProbe,
  observeSidecar,
  prometheusErrors,
  toApiError,
  whoAmIRoute,
  type Logger,
  type ServiceApp,
} from '@bud-monitoring/service-kit';
import { Registry } from 'prom-client';
import { createEncodedResponseCache } from './adapters/cache/encoded-response-cache.js';
import { createInstantQueryCache } from './adapters/cache/instant-query-cache.js';
import { createRangeQueryCache } from './adapters/cache/range-query-cache.js';
import { createExpiringCache } from './adapters/cache/expiring-cache.js';
import { createClusterRegistry } from './adapters/cluster-registry.js';
import { createMetricSource } from './adapters/metric-source.js';
import { createNodeDirectory } from './adapters/node-directory.js';
import { createRateDetection } from './adapters/rate-detection.js';
import { composeFleet } from './compose-fleet.js';
import { composePrometheusApi } from './compose-prometheus-api.js';
import type { Config } from './config.js';
import { createClusterMetrics } from './domain/cluster-metrics/index.js';
import { createClusterLookup } from './domain/clusters/cluster-lookup.js';
import { createClusterName } from './domain/clusters/cluster-name.js';
import { createStoredLabels } from './domain/clusters/stored-labels.js';
import { probeCatalogue, type CatalogueProbeRequest } from './domain/cluster-probe.js';
import { catalogueMetricNames } from './domain/metrics/index.js';
import { createNodeMetrics } from './domain/node-metrics/index.js';
import { nodeMetricNames } from './domain/node-metrics/plan.js';
import { isPartial } from './domain/promql/store-notes.js';
import type { Probe } from './domain/targets/probe.js';
import { createUnreadableValues } from './domain/unreadable.js';
import { clusterMetricsRoute } from './http/cluster-metrics.js';
import { clusterEventRoutes } from './http/cluster-events.js';
import { createHealth } from './http/health.js';
import { nodeEventsRoute } from './http/node-events.js';
import { nodeMetricsRoute } from './http/node-metrics.js';
import { prometheusApiPaths } from './http/prometheus-api/routes.js';
import type { Clock, NodeDirectory } from './ports.js';
import { createTelemetry } from './telemetry.js';

export interface ComposeOptions {
  config: Config;
  version: string;
  logger: Logger;
  /** Replaced in tests. */
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

/** Most probes cached: one a cluster and range. */
const maxProbes = 2000;

export function compose(options: ComposeOptions): Composed {
  const { config, version, logger, clock = systemClock } = options;
  useClusterIdFormat(config.clusterIdFormat);
  const registry = new Registry();
  const telemetry = createTelemetry(registry);
  const { pubsubName: pubsub, stateStoreName } = config.dapr;
  const sidecar = observeSidecar(
    options.dapr ?? createDapr({ baseUrl: config.dapr.baseUrl, apiToken: config.dapr.apiToken }),
    {
      pubsub,
      components: [pubsub, stateStoreName, 'evaluate-alerts'],
      topics: Object.values(eventTopics),
    },
  );
  const { dapr } = sidecar;
  const prometheus = options.prometheus ?? prometheusOf(config, telemetry.policyState);
  // While a part of the store is away, every answer has warnings.
  const sparingLog = createSparingLog({ log: logger, clock });
  const source = createMetricSource({
    prometheus,
    onRequest: telemetry.storeRequest,
    onWarnings: (warnings) =>
      sparingLog.warn('the store warned of an answer', { warnings: warnings.slice(0, 3) }),
  });
  const directory =
    options.directory ??
    createNodeDirectory(createBudClusterClient({ dapr, ...config.budCluster }));
  const state = dapr.state(stateStoreName);
  const unreadable = createUnreadableValues({ log: logger });
  const clusters = createClusterRegistry({ store: state, unreadable });
  const clusterLookup = createClusterLookup({ source, registry: clusters, clock });
  const probes = createExpiringCache<Probe>({
    clock,
    ttlMs: config.probeTtlMs,
    max: maxProbes,
    // A cluster without metrics may have its first ones any moment, a part of the store be back.
    isCacheable: ({ names, notes }) => names.size > 0 && !isPartial(notes),
  });
  const detectRates = createRateDetection(source);
  const semantics = (signal: AbortSignal) => detectRates(Math.floor(clock.now() / 1000), signal);
  const probe = async (
    request: Omit<CatalogueProbeRequest, 'settings' | 'semantics' | 'maxNodes'>,
  ) =>
    probeCatalogue(source, {
      ...request,
      settings: config.store,
      maxNodes: config.maxNodes,
      semantics: await semantics(request.signal),
    });
  const maxBytes = config.settledCacheBytes;
  const cachedSource = createInstantQueryCache({
    source: createRangeQueryCache({ source, clock, maxBytes: 0.75 * maxBytes }),
    maxBytes: 0.25 * maxBytes,
  });
  const clusterName = createClusterName({ registry: clusters });
  const isAway = (error: unknown) => toApiError(error).status === 503;
  const shared = { source: cachedSource, directory, clusterLookup, clusterName, clock, isAway };
  const clusterMetrics = createClusterMetrics({
    ...shared,
    isSlow: (error) => toApiError(error).status === 504,
    probe: (cluster, window, signal) => {
      const range = window.name === 'custom' ? [window.start, window.end] : [window.name];
      return probes(JSON.stringify([cluster, ...range]), signal, (sharedSignal) =>
        probe({
          cluster,
          metricNames: catalogueMetricNames,
          ranges: [window, window.previous],
          signal: sharedSignal,
        }),
      );
    },
  });
  const nodeMetrics = createNodeMetrics({
    ...shared,
    probe: (cluster, window, signal) =>
      probes(JSON.stringify([cluster, 'nodes']), signal, (sharedSignal) =>
        probe({
          cluster,
          metricNames: nodeMetricNames,
          ranges: [window],
          signal: sharedSignal,
        }),
      ),
  });
  const storedLabels = createStoredLabels({ source, clock });
  const prometheusApi = composePrometheusApi({
    config,
    connection: prometheusOptions(config),
    source,
    storedLabels,
    registry: clusters,
    directory,
    clock,
    telemetry,
  });
  const cache = createEncodedResponseCache({
    clock,
    ...config.cache,
    isUpstream: (error) => toApiError(error).status > 500,
  });
  const fleet = composeFleet({
    config,
    logger,
    clock,
    dapr,
    source,
    storedLabels,
    semantics,
    directory,
    registry: clusters,
    clusterLookup,
    clusterName,
    clusterMetrics,
    unreadable,
    telemetry,
    isStopping: () => app.lifecycle.state === 'stopping',
  });
  const app = createServiceApp({
    name: 'bud-metrics',
    version,
    description: 'What Kubernetes clusters and their nodes are doing.',
    logger,
    registry,
    authenticator: createAuthenticator(config.auth, { logger, clock }),
    routes: [
      whoAmIRoute(),
      clusterMetricsRoute({ clusterMetrics, cache, clock }),
      nodeMetricsRoute({ nodeMetrics, cache, clock }),
      nodeEventsRoute({
        directory,
        registry: clusters,
        requireCluster: fleet.requireCluster,
        nodeMetrics,
      }),
      ...prometheusApi.routes,
      ...fleet.routes,
    ],
    errorFormats: prometheusApiPaths.map(prometheusErrors),
    upstreamWait: source.waitedMs,
    queueRefusal: prometheusApi.queueRefusal,
    daprRoutes: [
      ...clusterEventRoutes({
        registry: clusters,
        clock,
        logger,
        onOutranked: createOutrankedReport({ log: logger, count: telemetry.outranked }),
        onChange: (cluster) => {
          cache.invalidate(cluster);
          prometheusApi.onClusterChange(cluster);
          fleet.onClusterChange();
        },
      }),
      ...fleet.daprRoutes,
    ],
    health: createHealth({
      dapr,
      sidecar: sidecar.check,
      stateStore: createStateStoreProbe({ state, clock }),
      unreadable,
      prometheus,
      source,
      settings: config.store,
      directory,
      grafana: grafanaVersion(config),
      clock,
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
  onCircuitState: ReturnType<typeof createTelemetry>['policyState'],
): PrometheusClient {
  return createPrometheusClient({ ...prometheusOptions(config), onCircuitState });
}

function prometheusOptions({ prometheus: { caFile, ...rest } }: Config) {
  return { ...rest, ca: caFile === undefined ? undefined : readFileSync(caFile, 'utf8') };
}

function grafanaVersion({ grafana }: Config) {
  if (grafana === null) return null;
  const client = createGrafanaClient(grafana);
  return async (signal: AbortSignal) => (await client.health(signal)).version;
}
