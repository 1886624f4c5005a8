import type { Points } from '../../ports.js';
import type { Grid } from '../promql/grid.js';
import { day, type TimeRange } from '../time/time-range.js';

const hour = 3600;
/** Bandwidth: a day in steps of an hour. */
export const bandwidthStep = hour;
/** Network statistics: an hour in steps of 5 minutes. */
const statsStep = 300;

/** The day that ends at `end` (Unix seconds): the answer has every node that was seen in it. */
export function windowOf(end: number): TimeRange {
  return { start: end - day, end };
}

/** The hours of the bandwidth: full ones, as all series are aligned to their step. */
export function hoursOf({ start, end }: TimeRange): Grid {
  const first = Math.ceil(start / hour) * hour;
  return { start: first, step: bandwidthStep, count: Math.floor((end - first) / hour) + 1 };
}

/**
 * The points of the network statistics but for the end itself: full steps, so that those of the hour that
 * are over can be cached. They are needed for an hour only, so that late samples cost little.
 */
export function statsBefore(end: number): Points & { settlesAfter: number } {
  const next = Math.ceil(end / statsStep) * statsStep;
  const last = Math.floor(end / statsStep) * statsStep;
  return { start: next - hour + statsStep, end: last, step: statsStep, settlesAfter: 60 };
}
