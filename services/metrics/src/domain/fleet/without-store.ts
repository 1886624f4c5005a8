import type { FleetCluster } from '@bud-monitoring/contracts';
import type { ClusterRecord } from '../../ports.js';
import type { FleetSnapshot } from './summary.js';

const noAlerts = { pending: 0, warning: 0, critical: 0 };
const nothing = { total_gib: null, used_gib: null, available_gib: null, usage_percent: null };

/** The fleet as far as it is known without the store: names and alerts, every figure null. */
export function fleetWithoutStore(
  records: readonly ClusterRecord[],
  alerts: ReadonlyMap<string, FleetCluster['alerts']>,
): FleetSnapshot {
  const living = records.filter(({ state }) => state !== 'deleted');
  const clusters = living.map(({ clusterId, name }): FleetCluster => ({
    cluster_id: clusterId,
    name: name ?? clusterId,
    state: 'unknown',
    nodes: null,
    ready: null,
    cpu: { usage_percent: null, cores: null },
    memory: nothing,
    storage: nothing,
    newest_sample_age_seconds: null,
    alerts: alerts.get(clusterId) ?? noAlerts,
  }));
  const message =
    'The metric store cannot be reached: there are no figures, and no clusters that only it knows';
  return {
    clusters: clusters.sort((a, b) => (a.cluster_id < b.cluster_id ? -1 : 1)),
    warnings: [{ code: 'store_unavailable', message }],
    complete: false,
  };
}

/** A snapshot of before the store went away, which says so; its alerts and what was deleted are as they are now. */
export function staleFleet(
  snapshot: FleetSnapshot,
  now: {
    /** Of the snapshot, seconds. */
    readonly age: number;
    readonly records: readonly ClusterRecord[];
    readonly alerts: ReadonlyMap<string, FleetCluster['alerts']>;
  },
): FleetSnapshot {
  const message = `The metric store cannot be reached; the figures are ${now.age} s old`;
  const deleted = new Set(
    now.records.filter(({ state }) => state === 'deleted').map(({ clusterId }) => clusterId),
  );
  return {
    clusters: snapshot.clusters
      .filter(({ cluster_id: id }) => !deleted.has(id))
      .map((cluster) => ({ ...cluster, alerts: now.alerts.get(cluster.cluster_id) ?? noAlerts })),
    warnings: [...snapshot.warnings, { code: 'stale', message }],
    complete: false,
  };
}
