/** Bounds of what one call may ask. */
export interface Limits {
  /** Seconds between start and end of a range query. */
  readonly maxRangeSeconds: number;
  /** Points a series of a range query may have. */
  readonly maxPoints: number;
  /** Series or values in one answer; asked of the store, which says so when it cut. */
  readonly maxSeries: number;
  /** Characters a query may have. */
  readonly maxQueryLength: number;
  /** Milliseconds a query may take; a caller may ask for less. */
  readonly timeoutMs: number;
}

/** A bound that a call is over; the message names it and says how to stay within it. */
export class OverLimit extends Error {
  override readonly name = 'OverLimit';
}

/** Throws `OverLimit` for a range that is too long or too fine. Unix seconds. */
export function checkRange(
  { start, end, step }: { start: number; end: number; step: number },
  { maxRangeSeconds, maxPoints }: Limits,
): void {
  const days = (seconds: number) => Math.round((seconds / 86_400) * 10) / 10;
  if (end - start > maxRangeSeconds) {
    throw new OverLimit(
      `The range has ${days(end - start)} days and at most ${days(maxRangeSeconds)} are answered; ask for a shorter one`,
    );
  }
  const points = Math.floor((end - start) / step) + 1;
  if (points > maxPoints) {
    const least = Math.ceil((end - start) / Math.max(1, maxPoints - 1));
    throw new OverLimit(
      `The range has ${points} points a series and at most ${maxPoints} are answered; use a step of ${least} s or more, or a shorter range`,
    );
  }
}
