import { day, type TimeRange } from './time-range.js';

const hour = 3600;

/** What a range is split into: the longest unit of which it has more than two. */
const units = [day, 3 * hour];

/** The parts of a range: all of it, or full units of UTC and what is left at both edges. */
export interface RangeParts {
  readonly edges: readonly TimeRange[];
  /** Full units (seconds each) from the first boundary to the last. */
  readonly full: (TimeRange & { readonly unit: number }) | null;
}

/**
 * Splits a range at midnights or every third hour: a unit that is over never changes, and has a scrape
 * interval of its own. No edge is shorter than `shortest` seconds: it then joins the unit beside it.
 */
export function splitRange(range: TimeRange, shortest: number): RangeParts {
  const unit = units.find((one) => range.end - range.start > 2 * one);
  if (unit === undefined) return { edges: [range], full: null };
  const isLong = (seconds: number) => seconds === 0 || seconds >= shortest;
  let start = Math.ceil(range.start / unit) * unit;
  if (!isLong(start - range.start)) start += unit;
  let end = Math.floor(range.end / unit) * unit;
  if (!isLong(range.end - end)) end -= unit;
  if (start >= end) return { edges: [range], full: null };
  const edges = [
    { start: range.start, end: start },
    { start: end, end: range.end },
  ].filter((edge) => edge.end > edge.start);
  return { edges, full: { start, end, unit } };
}
