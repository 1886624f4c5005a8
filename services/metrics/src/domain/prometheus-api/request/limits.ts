import { InputError } from '../../input-error.js';
import { seconds, type Parameters } from './parameters.js';

/** Limits of one request. */
export interface Limits {
  /** Seconds between start and end of a range query. */
  readonly maxRangeSeconds: number;
  /** Points per series of a range query. */
  readonly maxPoints: number;
  /** Series or values in one response; sent to the store as `limit`, which warns when it truncates. */
  readonly maxSeries: number;
  /** Characters of a query. */
  readonly maxQueryLength: number;
  /** Milliseconds a query may take; a caller may ask for less with `timeout`. */
  readonly timeoutMs: number;
}

/** A request exceeds a limit; the message names it and says how to stay within it. */
export class LimitExceeded extends Error {
  override readonly name = 'LimitExceeded';
}

/** Throws `LimitExceeded` for a range that is too long or too fine. Unix seconds. */
export function checkRange(
  { start, end, step }: { start: number; end: number; step: number },
  { maxRangeSeconds, maxPoints }: Limits,
): void {
  const days = (seconds: number) => Math.round((seconds / 86_400) * 10) / 10;
  if (end - start > maxRangeSeconds) {
    throw new LimitExceeded(
      `The range has ${days(end - start)} days and at most ${days(maxRangeSeconds)} are answered; ask for a shorter one`,
    );
  }
  const points = Math.floor((end - start) / step) + 1;
  if (points > maxPoints) {
    const least = Math.ceil((end - start) / Math.max(1, maxPoints - 1));
    throw new LimitExceeded(
      `The range has ${points} points a series and at most ${maxPoints} are answered; use a step of ${least} s or more, or a shorter range`,
    );
  }
}

/** The `limit` of a request, at most ours. Throws `InputError`. */
export function seriesLimit(parameters: Parameters, { maxSeries }: Limits): number {
  const limit = wholeNumber(parameters, 'limit');
  return limit === undefined || limit === 0 ? maxSeries : Math.min(limit, maxSeries);
}

/** A parameter that counts, as Go's Atoi reads a signed 64-bit number. Throws `InputError`. */
export function wholeNumber(parameters: Parameters, name: string): number | undefined {
  const text = parameters.one(name);
  if (text === undefined) return undefined;
  if (!/^\+?\d{1,18}$/.test(text)) {
    throw new InputError(name, 'must be a whole number, not negative');
  }
  return Number(text);
}

/** The `timeout` of a request in milliseconds, at most ours. Throws `InputError`. */
export function timeoutMsOf(parameters: Parameters, { timeoutMs }: Limits): number {
  const text = parameters.one('timeout');
  return text === undefined ? timeoutMs : Math.min(timeoutMs, 1000 * seconds('timeout', text));
}
