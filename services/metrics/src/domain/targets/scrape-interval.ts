import type { TimeRange } from '../time/time-range.js';

/** Series that are scraped together: they share a scrape interval. */
export type TargetGroup = string;

/** Scrape interval of a target group, ms. */
export type ScrapeIntervals = (targetGroup: TargetGroup) => number;

/** How often target groups were scraped in the hour before a time (Unix seconds), by figure. */
export interface SampleCounts {
  readonly at: number;
  readonly figures: ReadonlyMap<string, number>;
}

/** Figures of one target group: most samples of a series in 5 minutes of the hour, and in the hour. */
export const sampleCountFigures = (targetGroup: TargetGroup) => ({
  short: `short:${targetGroup}`,
  long: `long:${targetGroup}`,
});

/** Assumed of a target group without samples, ms. */
const defaultIntervalMs = 30_000;

/** Intervals (ms) wherever the target group was seen in a range, else around its end. */
export function intervalsIn(
  counts: readonly SampleCounts[],
  targetGroup: TargetGroup,
  { start, end }: TimeRange,
): number[] {
  const inside = counts.filter(({ at }) => at > start && at <= end);
  const found = inside.map((one) => intervalOf(one, targetGroup)).filter((one) => one !== null);
  return found.length > 0 ? found : [intervalAt(counts, targetGroup, end)];
}

/** The interval (ms) that was seen nearest to a time. */
export function intervalAt(
  counts: readonly SampleCounts[],
  targetGroup: TargetGroup,
  at: number,
): number {
  let nearest: { distance: number; intervalMs: number } | undefined;
  for (const one of counts) {
    const intervalMs = intervalOf(one, targetGroup);
    const distance = Math.abs(one.at - at);
    if (intervalMs !== null && distance < (nearest?.distance ?? Infinity)) {
      nearest = { distance, intervalMs };
    }
  }
  return nearest?.intervalMs ?? defaultIntervalMs;
}

function intervalOf({ figures }: SampleCounts, targetGroup: TargetGroup): number | null {
  const names = sampleCountFigures(targetGroup);
  const long = figures.get(names.long) ?? 0;
  if (long === 0) return null;
  const short = figures.get(names.short) ?? 0;
  // The whole hour is the more exact, unless part of it is missing.
  const seconds = long >= 10.8 * short ? 3600 / long : 300 / short;
  const interval = usual.find((one) => Math.abs(one - seconds) <= 0.15 * one) ?? seconds;
  // Stores refuse fractions of a millisecond in a duration.
  return Math.round(1000 * interval);
}

/** Scrape intervals in use (seconds): a count is one sample more or less. */
const usual = [1, 2, 5, 10, 15, 20, 30, 60, 90, 120, 150, 180, 240, 300, 600, 900, 1800, 3600];
