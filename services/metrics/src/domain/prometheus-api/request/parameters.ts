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
  const value = numberOf(text) ?? durationSeconds(text);
  if (value !== undefined && value > 0) return value;
  throw new InputError(name, 'must be seconds or a duration such as 30s or 1h, more than zero');
}

/** Unix seconds, to the millisecond, of a number or an RFC 3339 time. */
export function timestamp(name: string, text: string): number {
  const value = numberOf(text) ?? rfc3339Seconds(text);
  if (value !== undefined) return Math.round(value * 1000) / 1000;
  throw new InputError(name, 'must be Unix seconds or an RFC 3339 time (2026-01-31T08:00:00Z)');
}

/** A plain decimal number: other spellings are not read alike everywhere. */
function numberOf(text: string): number | undefined {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i.test(text) ? Number(text) : NaN;
  return Math.abs(value) < 1e12 ? value : undefined;
}
