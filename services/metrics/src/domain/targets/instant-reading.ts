import { leftOpenRange } from '../promql/range-selector.js';
import { rateOver, shortestRateWindowMs } from './rate-window.js';
import type { ScrapeIntervals, TargetGroup } from './scrape-interval.js';

/** How long a value counts as current (ms): Prometheus' lookback delta. */
export const lookbackMs = 300_000;

/** How figures at an instant are read. */
export interface InstantReading {
  readonly kind: 'instant';
  /** The newest value of the last 5 minutes. */
  readonly latest: (selected: string) => string;
  /** Rate of a counter over the shortest rate window before, per second. */
  rate(selected: string, targetGroup: TargetGroup): string;
}

/** The end of the window: explicit ranges, since stores differ in their lookback. */
export function instantReading(intervals: ScrapeIntervals): InstantReading {
  return {
    kind: 'instant',
    latest: (selected) => `last_over_time(${selected}${leftOpenRange(lookbackMs)})`,
    rate(selected, targetGroup) {
      const intervalMs = intervals(targetGroup);
      return rateOver(shortestRateWindowMs(intervalMs), intervalMs)(selected);
    },
  };
}

/** The points of a series: plain selectors, which are cheap, and rates that cover at least the step. */
export function stepReading(stepMs: number, intervals: ScrapeIntervals): InstantReading {
  return {
    kind: 'instant',
    latest: (selected) => selected,
    rate(selected, targetGroup) {
      const intervalMs = intervals(targetGroup);
      const windowMs = Math.max(stepMs, shortestRateWindowMs(intervalMs));
      return rateOver(windowMs, intervalMs)(selected);
    },
  };
}
