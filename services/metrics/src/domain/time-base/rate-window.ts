import type { SamplesWithin, SampleTimes } from './sample-times.js';

/** Windows of current rates, seconds. */
export const rateWindows = [300, 600, 1200] as const;

/** Shortest rate window for samples that are so many seconds apart: 5 minutes and four intervals. */
export function rateWindowFor(interval: number): number {
  return rateWindows.find((seconds) => seconds >= 4 * interval) ?? 1200;
}

/** A window of a target, and the samples in it. */
export interface RateWindow {
  readonly seconds: number;
  readonly samples: SamplesWithin;
}

/**
 * The window over which the current rate of a target is taken: at least four intervals, and three beside what
 * passed since the newest sample. A target that has not been there for so long, or was silent meanwhile, has
 * the longest window without a gap; none where the newest sample is older than 5 minutes, or the only one.
 * `isEnough` says that no longer window is better.
 */
export function rateWindowOf(
  times: SampleTimes,
  end: number,
): { window: RateWindow | null; isEnough: boolean } {
  const age = end - (times.times.at(-1) ?? -Infinity);
  if (age > rateWindows[0]) return { window: null, isEnough: true };
  const interval = times.interval ?? 300;
  const wanted = Math.max(4 * interval, age + Math.max(3 * interval, 150));
  let window: RateWindow | null = null;
  for (const seconds of rateWindows) {
    const samples = times.within({ start: end - seconds, end });
    if (samples.hasGap) return { window, isEnough: window !== null };
    if (samples.count >= 2) window = { seconds, samples };
    if (window !== null && seconds >= wanted) return { window, isEnough: true };
  }
  return { window, isEnough: false };
}
