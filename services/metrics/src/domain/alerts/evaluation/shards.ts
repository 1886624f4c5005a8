import type { ClusterId } from '@bud-monitoring/contracts';
import { shardCount, shardOf } from '../../document-shards.js';
import { documentKeys } from '../document.js';

/** A share of the fleet that is evaluated at once: the clusters of every `count`th document from `index` on. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Most clusters of a shard, unless each document is a shard of its own. */
const mostClusters = 250;

/**
 * How many shards a fleet is evaluated in: a power of two, so that each document is in one. It shrinks late, since
 * replicas may disagree for a moment when it changes.
 */
export function shardsFor(clusters: number, current: number): number {
  let count = current;
  while (count < shardCount && clusters > count * mostClusters) count *= 2;
  while (count > 1 && clusters < (count * mostClusters) / 4) count /= 2;
  return count;
}

/** The keys of the documents of a shard. */
export function keysOf({ index, count }: Shard): string[] {
  return documentKeys.filter((_, document) => document % count === index);
}

/** Whether a cluster is in a shard. */
export function isIn({ index, count }: Shard, cluster: ClusterId): boolean {
  return shardOf(cluster) % count === index;
}

/** The name of the lease of a shard. */
export function leaseOf({ index, count }: Shard): string {
  return count === 1 ? 'evaluate-alerts' : `evaluate-alerts:${count}:${index}`;
}
