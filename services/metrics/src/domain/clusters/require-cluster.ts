import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, ClusterRegistry, MetricSource, NodeDirectory } from '../../ports.js';
import { clusterSelector } from '../promql/scope.js';
import { settle } from '../settle.js';
import { heartbeatMetrics } from '../targets/node-exporter.js';
import type { ClusterLookup } from './cluster-lookup.js';
import { ClusterNotFound } from './existence.js';
import { lastDay } from './stored-series.js';

export interface RequireClusterOptions {
  registry: ClusterRegistry;
  clusterLookup: ClusterLookup;
  source: MetricSource;
  directory: NodeDirectory;
  /** Whether there are alerts of it, which is enough while the store is down. */
  hasAlerts: (cluster: ClusterId, signal: AbortSignal) => Promise<boolean>;
  /** Remembers that a cluster was found. */
  remember: (
    cluster: ClusterId,
    signal: AbortSignal,
    find: (signal: AbortSignal) => Promise<{ readonly found: true }>,
  ) => Promise<unknown>;
  clock: Clock;
}

/** Resolves if the cluster exists, asking as few sources as it takes. Rejects as `clusterLookup` does. */
export type RequireCluster = (cluster: ClusterId, signal: AbortSignal) => Promise<void>;

export function createRequireCluster(options: RequireClusterOptions): RequireCluster {
  const { registry, clusterLookup, source, directory, hasAlerts, remember, clock } = options;
  const names = [...heartbeatMetrics, 'kube_node_info'];
  return async (cluster, signal) => {
    const record = await registry.get(cluster, signal);
    if (record?.state === 'deleted') throw new ClusterNotFound();
    if (record !== null || (await hasAlerts(cluster, signal))) return;
    await remember(cluster, signal, async (sharedSignal) => {
      const window = lastDay(clock);
      const found = source.metricNames(clusterSelector(cluster, names), window, sharedSignal);
      const probing = settle(found.then(({ values }) => ({ names: new Set(values) })));
      const listing = settle(directory.nodes(cluster, sharedSignal));
      await clusterLookup.check(cluster, { probing, listing, window, signal: sharedSignal });
      return { found: true };
    });
  };
}
