import { wherePlausible, type Bounds } from '../bounds.js';
import { leftOpenRange } from '../promql/range-selector.js';

/** How gauges are aggregated over a range. */
export interface RangeAggregation {
  readonly kind: 'range';
  /** The range of a range vector selector: `[3599999ms]`. */
  readonly rangeSelector: string;
  /** The samples of a range: `x[3599999ms]`. */
  readonly samples: (selected: string) => string;
  /** What is proportional to the mean of each series, and to the time that it was there. */
  readonly sum: (selected: string) => string;
  /** Whether recording rules replace what is too much to read raw. */
  readonly recorded: boolean;
}

/** Over a range of so many seconds; `recorded` says whether recording rules cover the nodes. */
export function aggregationOver(seconds: number, recorded: boolean): RangeAggregation {
  const rangeSelector = leftOpenRange(seconds * 1000);
  return {
    kind: 'range',
    rangeSelector,
    samples: (selected) => `${selected}${rangeSelector}`,
    sum: (selected) => `sum_over_time(${selected}${rangeSelector})`,
    recorded: recorded && seconds > 3600,
  };
}

/**
 * The same, without samples beyond the bounds: by their values at up to 288 moments, which costs much more. Not as many
 * of one series may be left as of another, so means are in the place of sums.
 */
export function aggregationWithin(seconds: number, bounds: Bounds): RangeAggregation {
  const samples = (selected: string) => samplesWithin(selected, seconds, bounds);
  const sum = (selected: string) => `avg_over_time(${samples(selected)})`;
  return { ...aggregationOver(seconds, false), samples, sum };
}

/** The values of a selector at up to 288 moments of so many seconds, without those beyond the bounds. */
export function samplesWithin(selected: string, seconds: number, bounds: Bounds): string {
  const resolution = Math.max(15, Math.ceil(seconds / 288));
  const range = leftOpenRange(Math.round(seconds * 1000)).slice(0, -1);
  return `${wherePlausible(selected, bounds)}${range}:${resolution}s]`;
}
