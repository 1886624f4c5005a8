import {
  coverage,
  growth,
  openRange,
  shortestRateMs,
  tilesBefore,
  tilesOfStep,
  type CoverageOf,
  type Rates,
  type Tiles,
} from './aligned-blocks.js';

/** Series that are scraped together: they share a scrape interval. */
export type Family = string;

/** Scrape interval of a family, ms. */
export type Intervals = (family: Family) => number;

/** How long a value counts as current (ms). */
export const freshMs = 300_000;

/** How figures at a moment are read. */
export interface Moment {
  readonly kind: 'moment';
  /** The newest value of the last 5 minutes. */
  readonly latest: (selected: string) => string;
  /** Rate of a counter over the shortest sensible stretch before, per second. */
  rate(selected: string, family: Family): string;
}

/** How a mean over a span is taken. */
export interface Measure {
  readonly kind: 'measure';
  readonly spanMs: number;
  readonly intervals: Intervals;
  /** The span as a range: `[3599999ms]`. */
  readonly range: string;
  /** Growth of a counter over the span. */
  growth(selected: string, family: Family): string;
  /** What holds at the end of the span or, for whom it has gone by then, at its beginning. */
  atEitherEnd(selected: string, family: Family, of: (latest: string) => string): string;
  /** Seconds of the span in which a series, any of them or those that are one had samples. */
  coverage(selected: string, family: Family, of?: CoverageOf): string;
  /** Whether recording rules stand in for what is too much to read raw. */
  readonly recorded: boolean;
}

/** The end of the window: explicit ranges, since stores differ in how far back they look. */
export function momentAt(intervals: Intervals): Moment {
  return {
    kind: 'moment',
    latest: (selected) => `last_over_time(${selected}${openRange(freshMs)})`,
    rate: (selected, family) =>
      rateOver(selected, shortestRateMs(intervals(family)), intervals(family)),
  };
}

/** The points of a series: cheap look-ups, and rates that cover at least the step. */
export function momentsOf(stepMs: number, intervals: Intervals): Moment {
  return {
    kind: 'moment',
    latest: (selected) => selected,
    rate: (selected, family) => {
      const interval = intervals(family);
      return rateOver(selected, Math.max(stepMs, shortestRateMs(interval)), interval);
    },
  };
}

/** One interval more than the stretch: the range then holds the sample at its beginning too. */
function rateOver(selected: string, ms: number, intervalMs: number): string {
  return `rate(${selected}${openRange(ms + intervalMs)})`;
}

export interface MeasureOptions {
  readonly intervals: Intervals;
  /** Whether a family is scraped equally often throughout. */
  readonly even: (family: Family) => boolean;
  readonly recorded: boolean;
  readonly rates: Rates;
}

/** The span that ends at `endMs`. */
export function measureBefore(endMs: number, spanMs: number, options: MeasureOptions): Measure {
  return measure(spanMs, options, (interval) => tilesBefore(endMs, spanMs, interval));
}

/** Each step of a range query whose points are multiples of the step, in tiles of at least `leastMs`. */
export function measureOfStep(stepMs: number, options: MeasureOptions, leastMs = 0): Measure {
  return measure(stepMs, options, (interval) => tilesOfStep(stepMs, interval, leastMs));
}

function measure(
  spanMs: number,
  { intervals, even, recorded, rates }: MeasureOptions,
  tiles: (intervalMs: number) => Tiles,
): Measure {
  return {
    kind: 'measure',
    spanMs,
    intervals,
    range: openRange(spanMs),
    growth(selected, family) {
      const intervalMs = intervals(family);
      return growth(selected, tiles(intervalMs), { intervalMs, even: even(family), rates });
    },
    atEitherEnd(selected, family, of) {
      const reach = `${selected}[${Math.max(freshMs, 2 * intervals(family))}ms]`;
      const [now, before] = [reach, `${reach} offset ${spanMs}ms`];
      return `(${of(`last_over_time(${now})`)} or ${of(`last_over_time(${before})`)})`;
    },
    coverage(selected, family, of = 'each') {
      const intervalMs = intervals(family);
      return coverage(selected, tiles(intervalMs), { intervalMs, even: even(family), of });
    },
    recorded: recorded && spanMs > 3_600_000,
  };
}
