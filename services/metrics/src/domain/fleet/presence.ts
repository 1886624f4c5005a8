import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, ClusterRegistry, MetricSource, NodeDirectory } from '../../ports.js';
import { ClusterNotFound } from '../clusters/existence.js';
import { settle } from '../settle.js';
import type { ClusterLookup } from '../clusters/cluster-lookup.js';
import { clusterSelector } from '../promql/scope.js';
import { heartbeatMetrics } from '../targets/node-exporter.js';
import { day } from '../time/time-range.js';

export interface PresenceOptions {
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

/** Resolves if the cluster exists; asks as few as it takes. Throws as `clusterLookup` does. */
export type Presence = (cluster: ClusterId, signal: AbortSignal) => Promise<void>;

export function createPresence(options: PresenceOptions): Presence {
  const { registry, clusterLookup, source, directory, hasAlerts, remember, clock } = options;
  const names = [...heartbeatMetrics, 'kube_node_info'];
  return async (cluster, signal) => {
    const record = await registry.get(cluster, signal);
    if (record?.state === 'deleted') throw new ClusterNotFound();
    if (record !== null || (await hasAlerts(cluster, signal))) return;
    await remember(cluster, signal, async (own) => {
      const end = Math.floor(clock.now() / 1000);
      const window = { start: end - day, end };
      const found = source.metricNames(clusterSelector(cluster, names), window, own);
      const probing = settle(found.then((list) => ({ names: new Set(list) })));
      const listing = settle(directory.nodes(cluster, own));
      await clusterLookup.check(cluster, { probing, listing, window, signal: own });
      return { found: true };
    });
  };
}
