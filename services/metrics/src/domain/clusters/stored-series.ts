import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, MetricSource } from '../../ports.js';
import { clusterSelector } from '../promql/scope.js';
import { isPartial } from '../promql/store-notes.js';
import { day, type TimeRange } from '../time/time-range.js';
import { PartOfStoreAway } from './existence.js';

/** The last day, Unix seconds: a cluster without newer series still counts as stored. */
export function lastDay(clock: Clock): TimeRange {
  const end = Math.floor(clock.now() / 1000);
  return { start: end - day, end };
}

/** Whether the metric store has any series of a cluster in one of the ranges. Throws where that cannot be told. */
export async function hasStoredSeries(
  source: MetricSource,
  cluster: ClusterId,
  ranges: readonly TimeRange[],
  signal: AbortSignal,
): Promise<boolean> {
  const selector = clusterSelector(cluster);
  const found = await Promise.all(
    ranges.map((range) => source.metricNames(selector, range, signal)),
  );
  if (found.some(({ values }) => values.length > 0)) return true;
  if (found.some(({ notes }) => isPartial(notes))) throw new PartOfStoreAway();
  return false;
}
