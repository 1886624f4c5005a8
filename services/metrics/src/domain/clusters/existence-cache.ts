import type { ClusterId } from '@bud-monitoring/contracts';
import { LRUCache } from 'lru-cache';
import type { Clock, ClusterRegistry, MetricSource, NodeDirectory } from '../../ports.js';
import { settle } from '../settle.js';
import { assertExists, decideExistence } from './existence.js';
import { hasStoredSeries, lastDay } from './stored-series.js';

/** Whether clusters exist, for callers that ask many times a second. */
export interface ExistenceCache {
  /**
   * Rejects with `ClusterNotFound`, or the failure of a source that might know the cluster; undefined
   * where the cluster is known to exist.
   */
  check(cluster: ClusterId): Promise<void> | undefined;
  /** Forgets a cluster, since an event has changed it. */
  invalidate(cluster: ClusterId): void;
}

/** No source is asked again for so long, ms. */
const freshMs = 30_000;
/** A stale entry is used for so long while it is revalidated, ms: a source that hangs delays nobody. */
const staleWhileRevalidateMs = 600_000;
const maxClusters = 10_000;

/** Caches clusters that exist. Those that do not are not cached, since they may come any moment. */
export function createExistenceCache(options: {
  source: MetricSource;
  registry: ClusterRegistry;
  directory: NodeDirectory;
  clock: Clock;
}): ExistenceCache {
  const { source, registry, directory, clock } = options;
  /** When each was last seen to exist, ms. */
  const confirmedAt = new LRUCache<ClusterId, number>({ max: maxClusters });
  const lookups = new Map<ClusterId, Promise<void>>();

  async function lookUp(cluster: ClusterId): Promise<void> {
    // It is for all callers that wait: none of them aborts it by leaving.
    const { signal } = new AbortController();
    const [record, stored] = await Promise.all([
      settle(registry.get(cluster, signal)),
      settle(hasStoredSeries(source, cluster, [lastDay(clock)], signal)),
    ]);
    const isRecorded = 'answer' in record && record.answer !== null;
    const isStored = 'answer' in stored && stored.answer;
    const listed =
      isRecorded || isStored
        ? { answer: false }
        : await settle(directory.nodes(cluster, signal).then((nodes) => nodes.length > 0));
    const existence = decideExistence({ record, listed, stored });
    if (existence.exists === false) confirmedAt.delete(cluster);
    assertExists(existence);
    confirmedAt.set(cluster, clock.now());
  }

  function lookUpOnce(cluster: ClusterId): Promise<void> {
    const underWay = lookups.get(cluster);
    if (underWay !== undefined) return underWay;
    const lookup = lookUp(cluster).finally(() => lookups.delete(cluster));
    lookups.set(cluster, lookup);
    return lookup;
  }

  return {
    check(cluster) {
      const age = clock.now() - (confirmedAt.get(cluster) ?? -Infinity);
      if (age >= staleWhileRevalidateMs) return lookUpOnce(cluster);
      // If it fails, a later caller gets the error.
      if (age >= freshMs) void lookUpOnce(cluster).catch(() => undefined);
      return undefined;
    },
    invalidate: (cluster) => void confirmedAt.delete(cluster),
  };
}
