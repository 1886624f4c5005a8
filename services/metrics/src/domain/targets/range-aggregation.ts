import { leftOpenRange } from '../promql/range-selector.js';
import { blocksBefore, blocksOfStep, type AlignedBlocks } from './aligned-blocks.js';
import { coverage, type CoverageOf } from './coverage.js';
import { growth } from './growth.js';
import { lookbackMs } from './instant-reading.js';
import type { RateSemantics } from './rate-window.js';
import type { ScrapeIntervals, TargetGroup } from './scrape-interval.js';

/** How figures are aggregated over a range. */
export interface RangeAggregation {
  readonly kind: 'range';
  readonly rangeMs: number;
  readonly intervals: ScrapeIntervals;
  /** The range of a range vector selector: `[3599999ms]`. */
  readonly rangeSelector: string;
  /** Growth of a counter over the range. */
  growth(selected: string, targetGroup: TargetGroup): string;
  /** The value at the end of the range or, where there is none any more, at its beginning. */
  atEitherEnd(selected: string, targetGroup: TargetGroup, of: (latest: string) => string): string;
  /** Seconds of the range in which a series, any of them, or those that are aggregated had samples. */
  coverage(selected: string, targetGroup: TargetGroup, of?: CoverageOf): string;
  /** Whether recording rules replace what is too much to read raw. */
  readonly recorded: boolean;
}

export interface AggregationOptions {
  readonly intervals: ScrapeIntervals;
  /** Whether a target group has one scrape interval throughout. */
  readonly even: (targetGroup: TargetGroup) => boolean;
  readonly recorded: boolean;
  readonly rateSemantics: RateSemantics;
}

/** Over the range that ends at `endMs`. */
export function aggregationBefore(
  endMs: number,
  rangeMs: number,
  options: AggregationOptions,
): RangeAggregation {
  return aggregationOver(rangeMs, options, (intervalMs) =>
    blocksBefore(endMs, rangeMs, intervalMs),
  );
}

/**
 * Over each step of a range query whose points are multiples of the step, in blocks of at least
 * `leastMs`.
 */
export function aggregationOfStep(
  stepMs: number,
  options: AggregationOptions,
  leastMs = 0,
): RangeAggregation {
  return aggregationOver(stepMs, options, (intervalMs) =>
    blocksOfStep(stepMs, intervalMs, leastMs),
  );
}

function aggregationOver(
  rangeMs: number,
  { intervals, even, recorded, rateSemantics }: AggregationOptions,
  blocksOf: (intervalMs: number) => AlignedBlocks,
): RangeAggregation {
  return {
    kind: 'range',
    rangeMs,
    intervals,
    rangeSelector: leftOpenRange(rangeMs),
    growth(selected, targetGroup) {
      const intervalMs = intervals(targetGroup);
      const blocks = blocksOf(intervalMs);
      return growth(selected, blocks, { intervalMs, even: even(targetGroup), rateSemantics });
    },
    atEitherEnd(selected, targetGroup, of) {
      const atEnd = `${selected}[${Math.max(lookbackMs, 2 * intervals(targetGroup))}ms]`;
      const atStart = `${atEnd} offset ${rangeMs}ms`;
      return `(${of(`last_over_time(${atEnd})`)} or ${of(`last_over_time(${atStart})`)})`;
    },
    coverage(selected, targetGroup, of = 'each') {
      const intervalMs = intervals(targetGroup);
      return coverage(selected, blocksOf(intervalMs), { intervalMs, even: even(targetGroup), of });
    },
    recorded: recorded && rangeMs > 3_600_000,
  };
}
