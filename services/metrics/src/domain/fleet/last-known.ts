import type { ClusterId, FleetCluster, Warning } from '@bud-monitoring/contracts';
import type { ClusterRecord } from '../../ports.js';
import { noAlerts } from './summary/summary.js';

/** The fleet as far as it is known without the store. */
export interface FleetWithoutStore {
  /** In the order of their ids. */
  readonly clusters: readonly FleetCluster[];
  readonly warnings: readonly Warning[];
}

/** The last figures of each cluster, for when the store is away. */
export interface LastKnown {
  /** `at` in Unix ms. */
  note(clusters: readonly FleetCluster[], at: number): void;
  /** Names and alerts as they are now, with the last figures of each cluster, or null. */
  fleet(now: {
    readonly records: readonly ClusterRecord[];
    readonly alerts: ReadonlyMap<string, FleetCluster['alerts']>;
    /** Unix ms. */
    readonly at: number;
  }): FleetWithoutStore;
}

const nothing = { total_gib: null, used_gib: null, available_gib: null, usage_percent: null };

/** Keeps figures for `keptMs`. */
export function createLastKnown({ keptMs }: { keptMs: number }): LastKnown {
  const seen = new Map<ClusterId, { readonly cluster: FleetCluster; readonly at: number }>();

  function dropOld(now: number): void {
    for (const [id, { at }] of seen) {
      if (now - at <= keptMs) return; // they are in the order of their times
      seen.delete(id);
    }
  }

  return {
    note(clusters, at) {
      dropOld(at);
      for (const cluster of clusters) {
        seen.delete(cluster.cluster_id);
        seen.set(cluster.cluster_id, { cluster, at });
      }
    },
    fleet({ records, alerts, at }) {
      dropOld(at);
      const known = new Map(records.map((record) => [record.clusterId, record]));
      const ids = [...new Set([...known.keys(), ...seen.keys()])]
        .filter((id) => known.get(id)?.state !== 'deleted')
        .sort();
      const withFigures = ids.flatMap((id) => seen.get(id) ?? []);
      const age = Math.round((at - Math.min(...withFigures.map((one) => one.at))) / 1000);
      return {
        clusters: ids.map((id) => ({
          ...(seen.get(id)?.cluster ?? withoutFigures(id)),
          name: known.get(id)?.name ?? id,
          alerts: alerts.get(id) ?? noAlerts,
        })),
        warnings: [
          ...(withFigures.length > 0
            ? [
                {
                  code: 'stale',
                  message: `The metric store cannot be reached; the figures are ${age} s old`,
                },
              ]
            : []),
          ...(withFigures.length < ids.length || ids.length === 0
            ? [
                {
                  code: 'store_unavailable',
                  message:
                    'The metric store cannot be reached: clusters without figures have none, and those that only it knows are missing',
                },
              ]
            : []),
        ],
      };
    },
  };
}

function withoutFigures(id: ClusterId): FleetCluster {
  return {
    cluster_id: id,
    name: id,
    state: 'unknown',
    nodes: null,
    ready: null,
    cpu: { usage_percent: null, cores: null },
    memory: nothing,
    storage: nothing,
    newest_sample_age_seconds: null,
    alerts: noAlerts,
  };
}
