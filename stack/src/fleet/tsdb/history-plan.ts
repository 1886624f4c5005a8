import type { Tier } from '../types.js';

const HOUR = 3600;
const DAY = 24;

/** What history to write: stretches of time, and when each tier has samples in one. */
export interface HistoryPlan {
  readonly slices: readonly Slice[];
  /** Unix seconds, ascending; of a series whose target has an interval of its own with that. */
  times(tier: Tier, slice: Slice, interval?: number): number[];
}

/** One stretch of history, written as one file and loaded into blocks of its own. Unix seconds. */
export interface Slice {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Length of promtool's blocks: 2, 6, 18, 54, 162 or 486. */
  readonly blockHours: number;
}

/**
 * Between samples of the last two days, as clusters are scraped. The exporter keeps it: a mean of
 * samples leans towards where they stand closer, and rates err where the interval changes.
 */
export const RECENT_SPACING = 60;

/**
 * The distance of samples by their age, newest first: close together where rates are taken over
 * minutes (two days, for `today` against yesterday). Means over months need what they are made of all
 * the way, at a distance that counts as being scraped; the rest ends where panels do not look, but for
 * one sample a midnight: how many cores a node had is asked for each day. What an API object says is
 * only looked at now.
 */
const SPACING: Readonly<Record<Tier, readonly { hours: number; seconds: number }[]>> = {
  core: [
    { hours: 50, seconds: RECENT_SPACING },
    { hours: 61 * DAY, seconds: 300 },
  ],
  node: [
    { hours: 50, seconds: RECENT_SPACING },
    { hours: 61 * DAY, seconds: DAY * HOUR },
  ],
  detail: [
    { hours: 13, seconds: RECENT_SPACING },
    { hours: 61 * DAY, seconds: DAY * HOUR },
  ],
  workload: [{ hours: 13, seconds: RECENT_SPACING }],
  state: [{ hours: 3, seconds: RECENT_SPACING }],
};

/** Two days are most of the samples: small blocks there, so that two can be loaded at once. */
const RECENT_HOURS = 50;
const RECENT_BLOCK_HOURS = 18;
const OLD_BLOCK_HOURS = 486;

/** The demo's history: 61 days up to `now` (Unix seconds), the newest and fullest slice first. */
export function demoPlan(now: number): HistoryPlan {
  const oldest = now - 61 * DAY * HOUR;
  const recent = floorTo(now - RECENT_HOURS * HOUR, RECENT_BLOCK_HOURS * HOUR);
  return {
    slices: [
      ...cut(oldest, recent, OLD_BLOCK_HOURS),
      ...cut(recent, now + 1, RECENT_BLOCK_HOURS),
    ].reverse(),
    times(tier, slice, interval = RECENT_SPACING) {
      const times: number[] = [];
      let until = now + 1;
      for (const { hours, seconds } of SPACING[tier]) {
        const from = now - hours * HOUR;
        const first = Math.max(from, slice.start);
        const distance = seconds === RECENT_SPACING ? interval : Math.max(seconds, interval);
        times.unshift(...multiples(distance, first, Math.min(until, slice.end)));
        until = from;
      }
      return times;
    },
  };
}

/** Every series at the same distance, for benches: `days` up to `now`. */
export function evenPlan(options: { now: number; days: number; interval: number }): HistoryPlan {
  const { now, days, interval } = options;
  return {
    slices: cut(now - days * DAY * HOUR, now + 1, 2),
    times: (_tier, { start, end }, own = interval) => multiples(own, start, end),
  };
}

/** Cuts a stretch at the multiples of the blocks' length, which is where promtool cuts. */
function cut(start: number, end: number, blockHours: number): Slice[] {
  const length = blockHours * HOUR;
  const slices: Slice[] = [];
  for (let from = start; from < end;) {
    const to = Math.min(end, floorTo(from, length) + length);
    slices.push({ start: from, end: to, blockHours });
    from = to;
  }
  return slices;
}

/** The multiples of `interval` from `start` up to, but without, `end`. */
function multiples(interval: number, start: number, end: number): number[] {
  const times: number[] = [];
  for (let t = Math.ceil(start / interval) * interval; t < end; t += interval) times.push(t);
  return times;
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
