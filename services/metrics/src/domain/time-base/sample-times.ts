import { lowerMedian } from '../median.js';
import type { TimeRange } from '../time/time-range.js';

/**
 * The longest gap between two samples that is covered (seconds): the store's own staleness limit, and half a
 * second for a scrape that is a little late.
 */
export const longestGap = 300.5;

/** What of a target's samples lies in a range. */
export interface SamplesWithin {
  readonly count: number;
  /** Times of the first and the last, Unix seconds; NaN where there is none. */
  readonly first: number;
  readonly last: number;
  /** Whether two of them are further apart than the longest gap. */
  readonly hasGap: boolean;
  /** Whether the first has no sample before it that is near enough. */
  readonly isBeginning: boolean;
}

/** When a target was sampled; times in Unix seconds. */
export interface SampleTimes {
  readonly times: readonly number[];
  /** Median distance of two samples in seconds; `null` with less than two. */
  readonly interval: number | null;
  /** The samples later than `start`, and not later than `end`. */
  within(range: TimeRange): SamplesWithin;
  /** Spans without a gap longer than `gap`, from sample to sample, clipped to the range. */
  runs(range: TimeRange, gap?: number): TimeRange[];
}

/** Of times in any order, some perhaps twice. */
export function createSampleTimes(unsorted: readonly number[]): SampleTimes {
  const times = [...new Set(unsorted)].sort((a, b) => a - b);
  /** Position of the first sample after a time. */
  const after = (time: number) => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const distance = (index: number) => (times[index] ?? NaN) - (times[index - 1] ?? -Infinity);
  return {
    times,
    interval: lowerMedian(times.slice(1).map((_, index) => distance(index + 1))),
    within({ start, end }) {
      const from = after(start);
      const to = after(end);
      let hasGap = false;
      for (let index = from + 1; index < to && !hasGap; index++)
        hasGap = distance(index) > longestGap;
      return {
        count: to - from,
        first: to > from ? (times[from] ?? NaN) : NaN,
        last: to > from ? (times[to - 1] ?? NaN) : NaN,
        hasGap,
        isBeginning: to > from && distance(from) > longestGap,
      };
    },
    runs({ start, end }, gap = longestGap) {
      const runs: TimeRange[] = [];
      const add = (first: number, last: number) => {
        const run = { start: Math.max(first, start), end: Math.min(last, end) };
        if (run.end > run.start) runs.push(run);
      };
      // The sample before the range and the one after it belong to the spans at its ends.
      let index = Math.max(0, after(start) - 1);
      const to = Math.min(times.length, after(end) + 1);
      let first = times[index] ?? NaN;
      for (index += 1; index < to; index++) {
        if (distance(index) <= gap) continue;
        add(first, times[index - 1] ?? NaN);
        first = times[index] ?? NaN;
      }
      if (to > 0) add(first, times[to - 1] ?? NaN);
      // Without the room that a list has which grows: of the targets of a month there are many.
      return runs.slice();
    },
  };
}
