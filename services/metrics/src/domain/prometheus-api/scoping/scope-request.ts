import { scopeMatchers, scopeQuery, type Refusal, type Scope } from '@bud-monitoring/promql';
import { InputError } from '../../input-error.js';
import { checkRange, type Limits } from '../request/limits.js';
import { seconds, timestamp, type Parameters } from '../request/parameters.js';

/** The paths below `/api/v1` that read data of one cluster and are handed on to the store. */
export type Endpoint = 'query' | 'query_range' | 'query_exemplars' | 'series' | 'labels' | 'values';

/** A call as it goes to the store. */
export interface StoreCall {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`. */
  readonly path: string;
  /** Encoded parameters, without `timeout`. */
  readonly form: string;
  /** Milliseconds it may take from now on; the store is told of it where it evaluates something. */
  readonly timeoutMs: number;
}

/** A range query whose points are known, Unix seconds. */
export interface RangeCall {
  readonly query: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export interface ScopedCall {
  readonly call: StoreCall;
  /** Of a range query whose points depend on query, start, end and step alone. */
  readonly range?: RangeCall;
}

/** A text that is not handed on, and why; the position is in the caller's own text. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** The parameter that held it. */
  readonly field: 'query' | 'match[]';
  readonly text: string;
  readonly refusal: Refusal;

  constructor(field: Refused['field'], text: string, refusal: Refusal) {
    super(`${refusal.reason} (at position ${refusal.position})`);
    this.field = field;
    this.text = text;
    this.refusal = refusal;
  }
}

export interface CallContext {
  readonly scope: Scope;
  readonly limits: Limits;
  /** The label whose values are asked for. */
  readonly label?: string;
}

/**
 * The call as it goes to the store: every text scoped, every value read once. Parameters that the
 * store does not define are left out. Throws `InputError`, `OverLimit` or `Refused`.
 */
export function scopedCall(
  endpoint: Endpoint,
  parameters: Parameters,
  context: CallContext,
): ScopedCall {
  const form = new URLSearchParams();
  const hand = (...names: readonly string[]) => {
    for (const name of names) {
      const value = parameters.one(name);
      if (value !== undefined) form.set(name, value);
    }
  };
  form.set('limit', String(limitOf(parameters, context.limits)));
  const call = (path: string, method: StoreCall['method'] = 'POST'): StoreCall => ({
    ...{ method, path, form: form.toString() },
    timeoutMs: timeoutOf(parameters, context.limits),
  });
  switch (endpoint) {
    case 'query':
      form.set('query', scopedQuery(parameters, context));
      hand('time', 'lookback_delta', 'stats');
      return { call: call('/query') };
    case 'query_range': {
      const range = rangeOf(parameters, context);
      for (const [name, value] of Object.entries(range)) form.set(name, String(value));
      hand('lookback_delta', 'stats');
      // VictoriaMetrics would move start and end to points of its own choice.
      form.set('nocache', '1');
      const isPlain = !['limit', 'lookback_delta', 'stats'].some((name) => parameters.one(name));
      return { call: call('/query_range'), ...(isPlain && { range }) };
    }
    case 'query_exemplars':
      form.set('query', scopedQuery(parameters, context));
      hand('start', 'end');
      return { call: call('/query_exemplars') };
    case 'series':
      if (parameters.all('match[]').length === 0) throw new InputError('match[]', 'is missing');
      addMatches(form, parameters, context);
      hand('start', 'end');
      return { call: call('/series') };
    case 'labels':
      addMatches(form, parameters, context);
      hand('start', 'end');
      return { call: call('/labels') };
    case 'values':
      addMatches(form, parameters, context);
      hand('start', 'end');
      // The only one of these that the store answers by GET alone.
      return { call: call(`/label/${labelSegment(context.label ?? '')}/values`, 'GET') };
  }
}

/** A call that carries nothing of a cluster: what comes back must be filtered, or hold no data. */
export function plainCall(
  path: string,
  parameters: Readonly<Record<string, string | undefined>>,
  { timeoutMs }: Limits,
): StoreCall {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) form.set(name, value);
  }
  return { method: 'GET', path, form: form.toString(), timeoutMs };
}

function scopedQuery(parameters: Parameters, { scope, limits }: CallContext): string {
  const text = parameters.required('query');
  const scoped = scopeQuery(text, scope, { maxLength: limits.maxQueryLength });
  if (!scoped.ok) throw new Refused('query', text, scoped);
  return scoped.query;
}

function rangeOf(parameters: Parameters, context: CallContext): RangeCall {
  const query = scopedQuery(parameters, context);
  const start = timestamp('start', parameters.required('start'));
  const end = timestamp('end', parameters.required('end'));
  const step = seconds('step', parameters.required('step'));
  if (end < start) throw new InputError('end', 'must not be before start');
  checkRange({ start, end, step }, context.limits);
  return { query, start, end, step };
}

/** The selectors of `match[]` within the scope; all of the scope where none is given. */
function addMatches(form: URLSearchParams, parameters: Parameters, context: CallContext): void {
  const { scope, limits } = context;
  const given = parameters.all('match[]');
  for (const match of given.length === 0 ? ['{}'] : given) {
    const scoped = scopeMatchers(match, scope, { maxLength: limits.maxQueryLength });
    if (!scoped.ok) throw new Refused('match[]', match, scoped);
    form.append('match[]', scoped.query);
  }
}

/**
 * A label's name as one segment of a path; those that a server on the way would resolve are refused, as
 * is a slash: the store splits the path after it is decoded.
 */
function labelSegment(name: string): string {
  if (name === '.' || name === '..') throw new InputError('name', 'is no name of a label');
  if (name.includes('/')) {
    throw new InputError(
      'name',
      'may hold no slash; write the label as U__ and _2f_ for the slash',
    );
  }
  return encodeURIComponent(name);
}

/** The caller's own limit within ours. */
export function limitOf(parameters: Parameters, { maxSeries }: Limits): number {
  const text = parameters.one('limit');
  if (text === undefined) return maxSeries;
  if (!/^\d{1,9}$/.test(text)) throw new InputError('limit', 'must be a whole number');
  const limit = Number(text);
  return limit === 0 ? maxSeries : Math.min(limit, maxSeries);
}

function timeoutOf(parameters: Parameters, { timeoutMs }: Limits): number {
  const text = parameters.one('timeout');
  return text === undefined ? timeoutMs : Math.min(timeoutMs, 1000 * seconds('timeout', text));
}
