import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, ClusterRegistry, MetricSource } from '../../ports.js';
import { settle, type Settled } from '../settle.js';
import type { TimeRange } from '../time/time-range.js';
import { assertExists, ClusterNotFound, decideExistence } from './existence.js';
import { hasStoredSeries, lastDay } from './stored-series.js';

/** The answer of a query to the metric store: the cluster exists if it has any of the metrics. */
interface Probed {
  readonly names: ReadonlySet<string>;
}

interface LookupOptions<T extends Probed> {
  /** The caller's own query to the metric store, under way. */
  readonly probing: Promise<Settled<T>>;
  /** The caller's own request for nodes to bud-cluster, under way. */
  readonly listing: Promise<Settled<readonly unknown[]>>;
  /** The range that is asked for, Unix seconds. */
  readonly window: TimeRange;
  readonly signal: AbortSignal;
}

/** Decides whether a cluster exists by requests that are under way already, and more only if needed. */
export interface ClusterLookup {
  /**
   * The probe's answer, if the cluster exists. Throws `ClusterNotFound`, or the failure of a source
   * that might know the cluster; also the probe's own, without which there is nothing to answer.
   */
  check<T extends Probed>(cluster: ClusterId, options: LookupOptions<T>): Promise<T>;
}

export function createClusterLookup(options: {
  source: MetricSource;
  registry: ClusterRegistry;
  clock: Clock;
}): ClusterLookup {
  const { source, registry, clock } = options;
  return {
    async check(cluster, { probing, listing, window, signal }) {
      const record = await settle(registry.get(cluster, signal));
      if ('answer' in record && record.answer?.state === 'deleted') throw new ClusterNotFound();
      const probe = await probing;
      if ('failed' in probe) throw probe.failed;
      if (probe.answer.names.size > 0) return probe.answer;
      const [stored, nodes] = await Promise.all([
        settle(hasStoredSeries(source, cluster, [window, lastDay(clock)], signal)),
        listing,
      ]);
      const listed = 'answer' in nodes ? { answer: nodes.answer.length > 0 } : nodes;
      assertExists(decideExistence({ record, listed, stored }));
      return probe.answer;
    },
  };
}
