import type { ClusterId } from '@bud-monitoring/contracts';
import type { ClusterRecord, MetricSource } from '../../../ports.js';
import { clusterIdOf } from '../../promql/cluster-label.js';
import type { StoreFacts } from './first-contact.js';
import { readFirstContact } from './read-first-contact.js';

/** Which clusters there are. */
export interface FleetListing {
  /** Values of the label `cluster` in the last day. */
  readonly labels: readonly string[];
  /** By their ids, in order, with their records. */
  readonly clusters: ReadonlyMap<ClusterId, ClusterRecord | null>;
  readonly store: StoreFacts;
}

/** Lists the clusters that the store or the registry knows. Throws what the store throws. */
export async function listFleet(
  source: MetricSource,
  request: {
    /** Unix seconds. */
    readonly at: number;
    /** The record of each cluster in the registry. */
    readonly records: readonly ClusterRecord[];
    readonly signal: AbortSignal;
  },
): Promise<FleetListing> {
  const { at, records, signal } = request;
  const store = await readFirstContact(source, { at, signal });
  return { labels: store.labels, clusters: clustersOf(store.labels, records), store };
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
