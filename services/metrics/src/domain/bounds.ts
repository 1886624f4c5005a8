/** What a figure can be, in its unit: beyond it a value is no measurement. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** A value beyond by no more than this is cut: samples of two metrics are never of one moment. */
  readonly slack?: number;
}

export const percentBounds: Bounds = { min: 0, max: 100, slack: 0.5 };

/** Mbps of a node: eight ports of 800 Gbit/s, and room for some years. */
export const mbpsBounds: Bounds = { min: 0, max: 1e7 };

/** Watts of a node. */
export const wattBounds: Bounds = { min: 0, max: 1e5 };

/** Bytes of memory or of a file system: an underflow shows as 2^64, a blank as 2^63. */
export const byteBounds: Bounds = { min: 0, max: 2 ** 62 };

/** The value, cut to its bounds; `null` where it is beyond them or no number. */
export function plausible(value: number, { min, max, slack = 0 }: Bounds): number | null {
  if (!(value >= min - slack && value <= max + slack)) return null;
  return Math.min(max, Math.max(min, value));
}

/** Whether there is a value, and it cannot be. */
export function isBeyond(value: number | null, bounds: Bounds): boolean {
  return value !== null && plausible(value, bounds) === null;
}

/** An expression without the values that are beyond the bounds. */
export function wherePlausible(expr: string, { min, max, slack = 0 }: Bounds): string {
  return `(${expr} >= ${min - slack} <= ${max + slack})`;
}

/** How much larger than its whole a part may seem: samples of two metrics are never of one moment. */
export const partSlack = 1.005;

/** Whether the whole can be, and the part is no larger. */
export function fitsIn(part: number, whole: number): boolean {
  return whole > 0 && part <= partSlack * whole;
}

/** Percent of a whole; `null` where a part is missing, NaN where the whole cannot be. */
export function percentOf(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null) return null;
  return whole > 0 ? (100 * part) / whole : NaN;
}
