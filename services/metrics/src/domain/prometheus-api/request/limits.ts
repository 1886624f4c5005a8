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
  const limit = wholeNumber(parameters, 'limit') ?? 0;
  if (limit < 0) throw new InputError('limit', 'limit must be non-negative');
  return limit === 0 ? maxSeries : Math.min(limit, maxSeries);
}

const longest = 2n ** 63n;

/** A parameter that counts, as Go's Atoi reads a signed 64-bit number. Throws `InputError`. */
export function wholeNumber(parameters: Parameters, name: string): number | undefined {
  const text = parameters.one(name);
  if (text === undefined) return undefined;
  const isNumber = /^[+-]?\d{1,100}$/.test(text);
  const value = isNumber ? BigInt(text.replace(/^\+/, '')) : 0n;
  if (isNumber && value >= -longest && value < longest) return Number(value);
  const reason = isNumber ? 'value out of range' : 'invalid syntax';
  throw new InputError(name, `strconv.Atoi: parsing ${JSON.stringify(text)}: ${reason}`);
}

/** The `timeout` of a request in milliseconds, at most ours. Throws `InputError`. */
export function timeoutMsOf(parameters: Parameters, { timeoutMs }: Limits): number {
  const text = parameters.one('timeout');
  if (text === undefined) return timeoutMs;
  const asked = seconds('timeout', text);
  if (asked <= 0) throw new InputError('timeout', 'timeout must be positive');
  return Math.min(timeoutMs, 1000 * asked);
}

/** Selectors of one request: each of them is parsed, and selects series of its own in the store. */
const maxSelectors = 250;

/** The `match[]` of a request. Throws `LimitExceeded`. */
export function selectorsOf(parameters: Parameters): readonly string[] {
  const given = parameters.all('match[]');
  if (given.length <= maxSelectors) return given;
  throw new LimitExceeded(
    `At most ${maxSelectors} match[] are taken, and there are ${given.length}`,
  );
}
