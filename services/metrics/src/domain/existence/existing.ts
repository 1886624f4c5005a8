import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, ClusterRegistry, MetricSource } from '../../ports.js';
import { clusterSelector } from '../promql/scope.js';
import { day, type TimeRange } from '../time/time-range.js';
import { asked, ClusterNotFound, decideExistence, type Asked } from './decide.js';

/** Something of which the store was asked: it knows the cluster if any of its metrics was found. */
interface Found {
  readonly names: ReadonlySet<string>;
}

interface Question<T extends Found> {
  readonly probing: Promise<Asked<T>>;
  readonly listing: Promise<Asked<readonly unknown[]>>;
  readonly window: TimeRange;
  readonly signal: AbortSignal;
}

export interface Existing {
  /**
   * What the probe found, if the cluster exists. Throws ClusterNotFound, or the failure of whoever
   * might know the cluster; and that of the probe, without which there is nothing to answer.
   */
  check<T extends Found>(cluster: ClusterId, question: Question<T>): Promise<T>;
}

export function createExisting(options: {
  source: MetricSource;
  registry: ClusterRegistry;
  clock: Clock;
}): Existing {
  const { source, registry, clock } = options;

  /** Any series at all, of the window or of the last day. */
  async function isStored(
    cluster: ClusterId,
    window: TimeRange,
    signal: AbortSignal,
  ): Promise<boolean> {
    const any = clusterSelector(cluster);
    const now = Math.floor(clock.now() / 1000);
    const spans = [window, { start: now - day, end: now }];
    const names = await Promise.all(spans.map((span) => source.metricNames(any, span, signal)));
    return names.some((found) => found.length > 0);
  }

  return {
    async check(cluster, { probing, listing, window, signal }) {
      const record = await asked(registry.get(cluster, signal));
      if ('answer' in record && record.answer?.state === 'deleted') throw new ClusterNotFound();
      const probe = await probing;
      if ('failed' in probe) throw probe.failed;
      if (probe.answer.names.size > 0) return probe.answer;
      const [stored, list] = await Promise.all([asked(isStored(cluster, window, signal)), listing]);
      const listed = 'answer' in list ? { answer: list.answer.length > 0 } : list;
      const existence = decideExistence({ record, listed, stored });
      if (existence.exists === 'unknown') throw existence.error;
      if (!existence.exists) throw new ClusterNotFound();
      return probe.answer;
    },
  };
}
