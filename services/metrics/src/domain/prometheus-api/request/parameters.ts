import { durationSeconds } from '@bud-monitoring/promql';
import { InputError } from '../../input-error.js';
import { rfc3339Seconds } from '../../time/parse.js';

/**
 * Parameters of a call as the store would read them: form and URL together. Repeated where only one
 * counts is refused, since two readers could choose differently.
 */
export interface Parameters {
  /** The only value, if given and not empty. */
  one(name: string): string | undefined;
  /** All values, as given. */
  all(name: string): readonly string[];
}

export function readParameters(...sources: readonly URLSearchParams[]): Parameters {
  const all = (name: string) => sources.flatMap((source) => source.getAll(name));
  const one = (name: string) => {
    const values = all(name);
    if (values.length > 1) throw new InputError(name, 'may be given only once');
    return values[0] === '' ? undefined : values[0];
  };
  return { all, one };
}

/** Seconds of a step or timeout: a number of any sign, or a duration such as `1h30m`. */
export function seconds(name: string, text: string): number {
  const value = numberOf(text) ?? (isModelDuration(text) ? durationSeconds(text) : undefined);
  if (value !== undefined) return value;
  throw new InputError(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
}

/** Unix seconds, to the millisecond, of a number or an RFC 3339 time. */
export function timestamp(name: string, text: string): number {
  const value = numberOf(text);
  if (value !== undefined) {
    // As Prometheus does, the fraction alone: of the whole it may be another millisecond.
    const whole = Math.trunc(value);
    return whole + Math.round((value - whole) * 1000) / 1000;
  }
  const [, upToSecond = '', fraction = '', zone = ''] = goTime.exec(text) ?? [];
  const second = rfc3339Seconds(`${upToSecond}${zone}`);
  if (second !== undefined) return second + Number(`0.${fraction.slice(0, 3)}0`);
  throw new InputError(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
}

/**
 * A decimal number as Go's `ParseFloat` reads it, which Prometheus uses: digits may be parted by underscores.
 * Hexadecimal numbers and `Inf` are no times that anybody means.
 */
function numberOf(text: string): number | undefined {
  const isNumber = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d_?\d?)?$/i.test(text);
  const value = isNumber ? Number(text.replaceAll('_', '')) : NaN;
  return Math.abs(value) < 1e12 ? value : undefined;
}

/** Prometheus' durations of parameters have each unit once, the largest first. */
const isModelDuration = (text: string): boolean =>
  /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/.test(text);

/** Go's RFC 3339 has its letters in capitals and no blank; what is finer than milliseconds is cut off. */
const goTime = /^([\d-]+T[\d:]+)(?:[.,](\d+))?(Z|[+-][\d:]+)$/;
