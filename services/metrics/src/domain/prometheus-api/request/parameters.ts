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
  /** The only value; throws an `InputError` where it is missing. */
  required(name: string): string;
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
  return {
    all,
    one,
    required(name) {
      const value = one(name);
      if (value === undefined) throw new InputError(name, 'is missing');
      return value;
    },
  };
}

/** Seconds of a step or timeout: a number, or a duration such as `1h30m`. */
export function seconds(name: string, text: string): number {
  const value = numberOf(text) ?? (isModelDuration(text) ? durationSeconds(text) : undefined);
  if (value !== undefined && value > 0) return value;
  throw new InputError(name, 'must be seconds or a duration such as 30s or 1h30m, more than zero');
}

/** Unix seconds, to the millisecond, of a number or an RFC 3339 time. */
export function timestamp(name: string, text: string): number {
  const value = numberOf(text) ?? (isGoTime(text) ? rfc3339Seconds(text) : undefined);
  if (value !== undefined) return Math.round(value * 1000) / 1000;
  throw new InputError(name, 'must be Unix seconds or an RFC 3339 time (2026-01-31T08:00:00Z)');
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

/** Go's RFC 3339 has its letters in capitals and no blank. */
const isGoTime = (text: string): boolean => /^[\d-]+T[\d:.]+(?:Z|[+-][\d:]+)$/.test(text);
