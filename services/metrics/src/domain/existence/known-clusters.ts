import type { ClusterId } from '@bud-monitoring/contracts';
import { LRUCache } from 'lru-cache';
import type { Clock, ClusterRegistry, MetricSource, NodeDirectory } from '../../ports.js';
import { clusterSelector } from '../promql/scope.js';
import { asked, ClusterNotFound, decideExistence } from './decide.js';

/** Whether clusters exist, for those who ask many times a second. */
export interface KnownClusters {
  /**
   * Rejects with `ClusterNotFound`, or the failure of whoever might know the cluster; undefined where
   * it is known to exist.
   */
  check(cluster: ClusterId): Promise<void> | undefined;
  /** Something about the cluster has changed. */
  forget(cluster: ClusterId): void;
}

/** So long nobody is asked again, ms. */
const freshMs = 30_000;
/** So long what is known counts while it is found out anew, ms: a neighbour that hangs delays nobody. */
const usableMs = 600_000;
const mostClusters = 10_000;
const secondsOfDay = 86_400;

/** Clusters that exist are remembered; those that do not are not, since they may any moment. */
export function createKnownClusters(options: {
  source: MetricSource;
  registry: ClusterRegistry;
  directory: NodeDirectory;
  clock: Clock;
}): KnownClusters {
  const { source, registry, directory, clock } = options;
  /** When each was found to exist, ms. */
  const known = new LRUCache<ClusterId, number>({ max: mostClusters });
  const finding = new Map<ClusterId, Promise<void>>();

  async function isStored(cluster: ClusterId, signal: AbortSignal): Promise<boolean> {
    const now = Math.floor(clock.now() / 1000);
    const span = { start: now - secondsOfDay, end: now };
    const names = await source.metricNames(clusterSelector(cluster), span, signal);
    return names.length > 0;
  }

  async function find(cluster: ClusterId): Promise<void> {
    // For all who wait, and none of them: nobody's leaving ends it.
    const { signal } = new AbortController();
    const [record, stored] = await Promise.all([
      asked(registry.get(cluster, signal)),
      asked(isStored(cluster, signal)),
    ]);
    const isKnown = ('answer' in record && record.answer !== null) || isTrue(stored);
    const listed = isKnown
      ? { answer: false }
      : await asked(directory.nodes(cluster, signal).then((nodes) => nodes.length > 0));
    const existence = decideExistence({ record, listed, stored });
    if (existence.exists === 'unknown') throw existence.error;
    if (!existence.exists) {
      known.delete(cluster);
      throw new ClusterNotFound();
    }
    known.set(cluster, clock.now());
  }

  function findOnce(cluster: ClusterId): Promise<void> {
    const underWay = finding.get(cluster);
    if (underWay !== undefined) return underWay;
    const found = find(cluster).finally(() => finding.delete(cluster));
    finding.set(cluster, found);
    return found;
  }

  return {
    check(cluster) {
      const age = clock.now() - (known.get(cluster) ?? -Infinity);
      if (age >= usableMs) return findOnce(cluster);
      // Told to the next who asks.
      if (age >= freshMs) void findOnce(cluster).catch(() => undefined);
      return undefined;
    },
    forget: (cluster) => void known.delete(cluster),
  };
}

const isTrue = (one: { answer: boolean } | { failed: unknown }) => 'answer' in one && one.answer;
