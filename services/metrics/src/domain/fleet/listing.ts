import type { ClusterId } from '@bud-monitoring/contracts';
import type { ClusterRecord, MetricSource } from '../../ports.js';
import { clusterIdOf } from '../promql/cluster-label.js';
import { day } from '../time/time-range.js';

/** Which clusters there are. */
export interface FleetListing {
  /** Values of the label `cluster` in the last day. */
  readonly labels: readonly string[];
  /** By their ids, in order, with their records. */
  readonly clusters: ReadonlyMap<ClusterId, ClusterRecord | null>;
  /** Whether the store has anything of the last day, with whatever labels. */
  readonly hasSeries: boolean;
}

/** Lists the clusters that the store or the registry knows. Throws what the store throws. */
export async function listFleet(
  source: Pick<MetricSource, 'clusters' | 'metricNames'>,
  request: {
    /** Unix seconds. */
    readonly at: number;
    /** The record of each cluster in the registry. */
    readonly records: readonly ClusterRecord[];
    readonly signal: AbortSignal;
  },
): Promise<FleetListing> {
  const { at, records, signal } = request;
  const range = { start: at - day, end: at };
  const labels = await source.clusters(range, signal);
  const hasSeries =
    labels.length > 0 || (await source.metricNames('{__name__!=""}', range, signal)).length > 0;
  return { labels, clusters: clustersOf(labels, records), hasSeries };
}

/** The clusters that exist, with their records: one that is recorded as deleted does not. */
function clustersOf(
  stored: readonly string[],
  records: readonly ClusterRecord[],
): ReadonlyMap<ClusterId, ClusterRecord | null> {
  const known = new Map(records.map((record) => [record.clusterId, record]));
  const ids = new Set(known.keys());
  for (const label of stored) {
    const id = clusterIdOf(label);
    if (id !== null) ids.add(id);
  }
  const living = [...ids].filter((id) => known.get(id)?.state !== 'deleted').sort();
  return new Map(living.map((id) => [id, known.get(id) ?? null]));
}
