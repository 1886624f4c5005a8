import { InputError } from '../input-error.js';

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

const units: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** Seconds of a step or timeout: a number, or a duration such as `1h30m`. */
export function seconds(name: string, text: string): number {
  const plain = Number(text);
  if (Number.isFinite(plain) && plain > 0) return plain;
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) {
    throw new InputError(name, 'must be seconds or a duration such as 30s or 1h');
  }
  let sum = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    sum += Number(count) * (units[unit] ?? 0);
  }
  if (sum <= 0) throw new InputError(name, 'must be more than zero');
  return sum;
}

/** Unix seconds of a time: a number, or RFC 3339. */
export function timestamp(name: string, text: string): number {
  const plain = Number(text);
  if (text.trim() !== '' && Number.isFinite(plain)) return plain;
  const parsed = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(parsed)) throw new InputError(name, 'must be Unix seconds or RFC 3339');
  return parsed / 1000;
}
