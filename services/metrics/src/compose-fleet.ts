import { randomUUID } from 'node:crypto';
import { sleep } from '@bud-monitoring/client';
import type { Dapr } from '@bud-monitoring/client/dapr';
import { toApiError, type DaprRoute, type Logger, type Route } from '@bud-monitoring/service-kit';
import { createAlertmanagers } from './adapters/alertmanager.js';
import { createAlertPublisher } from './adapters/alert-publisher.js';
import { createExpiringCache } from './adapters/cache/expiring-cache.js';
import { createDocuments } from './adapters/documents.js';
import { createHub } from './adapters/live/hub.js';
import type { Config } from './config.js';
import { createAlertReader } from './domain/alerts/alert-reader.js';
import { createAlertDocuments } from './domain/alerts/document.js';
import { createAlertEvaluation } from './domain/alerts/evaluation/evaluator.js';
import { createShardEvaluation } from './domain/alerts/evaluation/shard-evaluation.js';
import { createLeaderElection } from './domain/alerts/leader-election.js';
import { ruleFile } from './domain/alerts/rules/rule-file.js';
import { createThresholdOverrides } from './domain/alerts/rules/threshold-overrides.js';
import type { ClusterMetricsService } from './domain/cluster-metrics/index.js';
import type { ClusterLookup } from './domain/clusters/cluster-lookup.js';
import type { ClusterName } from './domain/clusters/cluster-name.js';
import type { StoredLabels } from './domain/clusters/stored-labels.js';
import { createRequireCluster, type RequireCluster } from './domain/clusters/require-cluster.js';
import { createFleet, type Remember } from './domain/fleet/index.js';
import type { GrowthSemantics } from './domain/time-base/growth.js';
import type { UnreadableValues } from './domain/unreadable.js';
import { readRateWindow } from './domain/alerts/rules/rate-window.js';
import { alertCron, alertRoutes } from './http/alerts.js';
import { clustersRoutes } from './http/clusters.js';
import { alertStream } from './http/streams/alerts.js';
import { clusterMetricsStreams } from './http/streams/cluster-metrics.js';
import type { Clock, ClusterRegistry, MetricSource, NodeDirectory } from './ports.js';
import type { Telemetry } from './telemetry.js';

/** Longer than twice any one call to the store or the sidecar takes (ms). */
const leaseMs = 30_000;

/** Most clusters cached as existing. */
const maxClusters = 20_000;

/** Most pages of the fleet that are cached. */
const fleetPages = 100;

export interface ComposeFleetOptions {
  config: Config;
  logger: Logger;
  clock: Clock;
  dapr: Dapr;
  source: MetricSource;
  storedLabels: StoredLabels;
  /** How the store computes growth; found out once. */
  semantics: (signal: AbortSignal) => Promise<GrowthSemantics>;
  directory: NodeDirectory;
  registry: ClusterRegistry;
  clusterLookup: ClusterLookup;
  clusterName: ClusterName;
  clusterMetrics: ClusterMetricsService;
  /** Stored values that cannot be read. */
  unreadable: UnreadableValues;
  telemetry: Telemetry;
  isStopping: () => boolean;
}

/** Alerts, the summary of the fleet and the stream of cluster metrics, wired. */
export function composeFleet(options: ComposeFleetOptions): {
  routes: Route[];
  daprRoutes: DaprRoute[];
  requireCluster: RequireCluster;
  /** Called when the registry has changed. */
  onClusterChange: () => void;
} {
  const { config, logger, clock, dapr, source, semantics, registry } = options;
  const { clusterMetrics, telemetry } = options;
  const { defaults, times, everyMs, alertmanager } = config.alerts;
  const settings = config.store;
  const documents = createDocuments(dapr.state(config.dapr.stateStoreName));
  const overrides = createThresholdOverrides({ documents, log: logger });
  const alertDocuments = createAlertDocuments({ documents, unreadable: options.unreadable });
  const alerts = createAlertReader({
    documents,
    alertDocuments,
    registry,
    clusterName: options.clusterName,
    clock,
    times,
  });
  const seconds = () => Math.floor(clock.now() / 1000);

  const holder = randomUUID();
  const evaluation = createAlertEvaluation({
    source,
    documents,
    alertDocuments,
    registry,
    overrides,
    everyMs,
    clock,
    wait: sleep,
    isStopping: options.isStopping,
    evaluateShard: createShardEvaluation({
      source,
      documents,
      alertDocuments,
      semantics,
      settings,
      defaults,
      times,
      clock,
      receiver:
        alertmanager &&
        createAlertmanagers({ ...alertmanager, log: logger, onSent: telemetry.alertsSent }),
      log: logger,
    }),
    publisher: createAlertPublisher({ dapr, pubsub: config.dapr.pubsubName }),
    electionOf: (name) =>
      createLeaderElection({ documents, clock, everyMs, leaseMs, holder, name }),
    log: logger,
    onRound: telemetry.alertRound,
    onPublished: telemetry.alertPublished,
  });

  const existing = createExpiringCache<{ readonly found: true }>({
    clock,
    ttlMs: config.probeTtlMs,
    max: maxClusters,
    isCacheable: () => true,
  });
  const requireCluster = createRequireCluster({
    registry,
    clusterLookup: options.clusterLookup,
    source,
    directory: options.directory,
    hasAlerts: (cluster, signal) => alerts.knows(cluster, signal),
    remember: existing,
    clock,
  });

  const { ttlMs } = config.cache;
  const cacheOf = <T extends object>(max: number, isCacheable: (value: T) => boolean) =>
    createExpiringCache<T>({
      clock,
      ttlMs,
      max,
      isCacheable: (value) => ttlMs > 0 && isCacheable(value),
    });
  let generation = 0;
  /** What is remembered of the fleet as it was before an event is no longer asked for. */
  const ofGeneration =
    <T>(remember: Remember<T>): Remember<T> =>
    (key, signal, load) =>
      remember(`${generation} ${key}`, signal, load);
  const fleet = createFleet({
    source,
    settings,
    semantics,
    state: {
      records: (signal) => registry.list(signal),
      alerts: (signal) => alerts.counts(signal),
    },
    clock,
    isUpstream: (error) => toApiError(error).status > 500,
    staleMs: ttlMs + config.cache.staleMs,
    remember: {
      listing: ofGeneration(cacheOf(1, () => true)),
      snapshot: ofGeneration(cacheOf(fleetPages, ({ complete }) => complete)),
      need: ofGeneration(cacheOf(1, () => true)),
      states: ofGeneration(cacheOf(1, () => true)),
      sources: cacheOf(1, () => true),
    },
  });

  const hub = createHub({ everyMs: config.streamEveryMs });
  return {
    routes: [
      ...clustersRoutes({ fleet }),
      ...alertRoutes({
        alerts,
        overrides,
        defaults,
        requireCluster,
        async rulesOf(cluster, thresholds, signal) {
          // The rules can be had while the store is down.
          const request = { settings, cluster, at: seconds(), signal };
          const rateWindow = await readRateWindow(source, request).catch(() => undefined);
          const labels = (await options.storedLabels.read()).get(cluster);
          return ruleFile({ cluster, labels, thresholds, settings, rateWindow, hold: times.hold });
        },
      }),
      ...clusterMetricsStreams({ clusterMetrics, requireCluster, hub, clock }),
      alertStream({ alerts, hub, clock }),
    ],
    daprRoutes: [alertCron({ evaluation })],
    requireCluster,
    onClusterChange: () => (generation += 1),
  };
}
