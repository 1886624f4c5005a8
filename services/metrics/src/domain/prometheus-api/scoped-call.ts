import { scopeMatchers, scopeQuery, type Refusal, type Scope } from '@bud-monitoring/promql';
import { InputError } from '../input-error.js';
import { seconds, timestamp, type Parameters } from './parameters.js';

/** Bounds of what one call may ask; each refusal names its bound and how to stay within it. */
export interface Limits {
  /** Seconds between start and end of a range query. */
  readonly maxRangeSeconds: number;
  /** Points a series of a range query may have. */
  readonly maxPoints: number;
  /** Series or values in one answer; asked of the store, which says so when it cut. */
  readonly maxSeries: number;
  /** Characters a query may have. */
  readonly maxQueryLength: number;
}

/** The paths below `/api/v1` that read data of one cluster and are handed on to the store. */
export type Endpoint = 'query' | 'query_range' | 'query_exemplars' | 'series' | 'labels' | 'values';

/** A call as it goes to the store. */
export interface StoreCall {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`. */
  readonly path: string;
  readonly form: URLSearchParams;
}

/** A range query whose points are known, Unix seconds. */
export interface RangeCall {
  readonly query: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A call that is not handed on, and why; the position is in the caller's own text. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.reason} (at position ${refusal.position})`);
    this.refusal = refusal;
  }
}

/** A bound that a call is over. */
export class OverLimit extends Error {
  override readonly name = 'OverLimit';
}

/** The scoped text of a query; throws `Refused`. */
export function scopedQuery(text: string, scope: Scope, limits: Limits): string {
  const scoped = scopeQuery(text, scope, { maxLength: limits.maxQueryLength });
  if (!scoped.ok) throw new Refused(scoped);
  return scoped.query;
}

/** The selectors of `match[]` within the scope; all of the scope where none is given. */
function scopedMatches(parameters: Parameters, scope: Scope, limits: Limits): string[] {
  const given = parameters.all('match[]');
  return (given.length === 0 ? ['{}'] : given).map((match) => {
    const scoped = scopeMatchers(match, scope, { maxLength: limits.maxQueryLength });
    if (!scoped.ok) throw new Refused(scoped);
    return scoped.query;
  });
}

/** Start, end, step and scoped text of a range query; throws `InputError`, `OverLimit` or `Refused`. */
export function rangeCall(parameters: Parameters, scope: Scope, limits: Limits): RangeCall {
  const query = scopedQuery(parameters.required('query'), scope, limits);
  const start = timestamp('start', parameters.required('start'));
  const end = timestamp('end', parameters.required('end'));
  const step = seconds('step', parameters.required('step'));
  if (end < start) throw new InputError('end', 'must not be before start');
  if (end - start > limits.maxRangeSeconds) {
    throw new OverLimit(
      `the range is longer than ${limits.maxRangeSeconds / 86_400} days; ask for a shorter one`,
    );
  }
  if ((end - start) / step > limits.maxPoints) {
    throw new OverLimit(
      `more than ${limits.maxPoints} points a series; use a longer step or a shorter range`,
    );
  }
  return { query, start, end, step };
}

const shared = ['timeout', 'lookback_delta', 'stats'];

/** The call as it goes to the store, scoped; parameters that the store does not define are left out. */
export function storeCall(
  endpoint: Endpoint,
  parameters: Parameters,
  context: { scope: Scope; limits: Limits; label?: string },
): StoreCall {
  const { scope, limits, label = '' } = context;
  const form = new URLSearchParams();
  const hand = (...names: string[]) => {
    for (const name of names) {
      const value = parameters.one(name);
      if (value !== undefined) form.set(name, value);
    }
  };
  switch (endpoint) {
    case 'query':
      form.set('query', scopedQuery(parameters.required('query'), scope, limits));
      hand('time', ...shared);
      break;
    case 'query_range': {
      const call = rangeCall(parameters, scope, limits);
      form.set('query', call.query);
      hand('start', 'end', 'step', ...shared);
      // VictoriaMetrics would move start and end to points of its own choice.
      form.set('nocache', '1');
      break;
    }
    case 'query_exemplars':
      form.set('query', scopedQuery(parameters.required('query'), scope, limits));
      hand('start', 'end');
      break;
    case 'series':
      if (parameters.all('match[]').length === 0) throw new InputError('match[]', 'is missing');
      hand('start', 'end');
      break;
    case 'labels':
    case 'values':
      hand('start', 'end');
      break;
  }
  if (endpoint === 'series' || endpoint === 'labels' || endpoint === 'values') {
    for (const match of scopedMatches(parameters, scope, limits)) form.append('match[]', match);
  }
  form.set('limit', String(limitOf(parameters, limits)));
  // Label values are the only one of these that the store answers by GET alone.
  if (endpoint === 'values') {
    return { method: 'GET', path: `/label/${encodeURIComponent(label)}/values`, form };
  }
  return { method: 'POST', path: `/${endpoint}`, form };
}

function limitOf(parameters: Parameters, limits: Limits): number {
  const text = parameters.one('limit');
  if (text === undefined) return limits.maxSeries;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 0) {
    throw new InputError('limit', 'must be a whole number');
  }
  return limit === 0 ? limits.maxSeries : Math.min(limit, limits.maxSeries);
}
