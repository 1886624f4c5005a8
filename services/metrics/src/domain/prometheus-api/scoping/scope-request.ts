import {
  callerMessages,
  maxScopedLength,
  scopeMatchers,
  type Refusal,
  type Scope,
  type Scoped,
} from '@bud-monitoring/promql';
import { InputError } from '../../input-error.js';
import {
  checkRange,
  LimitExceeded,
  selectorsOf,
  seriesLimit,
  timeoutMsOf,
  type Limits,
} from '../request/limits.js';
import { seconds, timestamp, type Parameters } from '../request/parameters.js';
import type { UpstreamRequest } from '../upstream/upstream.js';
import type { ScopedText } from './known-queries.js';
import { Refused } from './refused.js';

/** The endpoints below `/api/v1` that read data of clusters and are sent upstream scoped. */
export type Endpoint = 'query' | 'query_range' | 'query_exemplars' | 'series' | 'labels' | 'values';

/** A range query whose points are known, Unix seconds. */
export interface RangeQuery {
  readonly query: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A request within its scope, ready to be executed. */
export interface ScopedRequest {
  readonly upstreamRequest: UpstreamRequest;
  /** The form of that in the key of a map, where it need not be made of the form. */
  readonly formKey?: string;
  /** Set for a range query whose points depend on query, start, end and step alone. */
  readonly range?: RangeQuery;
  /** Rewrites a message of the store in terms of the caller's text; absent where the two are the same. */
  readonly toCaller?: (message: string) => string;
}

export interface ScopingContext {
  readonly scope: Scope;
  /** Puts the scope into the text of a query. */
  readonly scopeText: (text: string) => ScopedText | Refusal;
  readonly limits: Limits;
  /** The label whose values are asked for. */
  readonly label?: string | undefined;
}

/**
 * Scopes a request: every query and selector carries the scope, every parameter is parsed once, and
 * those that Prometheus does not define are left out. Throws `InputError`, `LimitExceeded` or `Refused`.
 */
export function scopeRequest(
  endpoint: Endpoint,
  parameters: Parameters,
  context: ScopingContext,
): ScopedRequest {
  const form = new URLSearchParams();
  const copy = (...names: readonly string[]) => {
    for (const name of names) {
      const value = parameters.one(name);
      if (value !== undefined) form.set(name, value);
    }
  };
  form.set('limit', String(seriesLimit(parameters, context.limits)));
  const sendTo = (path: string, method: UpstreamRequest['method'] = 'POST'): UpstreamRequest => ({
    method,
    path,
    form: form.toString(),
    timeoutMs: timeoutMsOf(parameters, context.limits),
  });
  /** With the query, which is long where a claim has many clusters, and encoded once. */
  const sendQuery = (path: string, scoped: ScopedText): Omit<ScopedRequest, 'range'> => {
    const others = sendTo(path);
    return {
      upstreamRequest: { ...others, form: `${others.form}&${scoped.parameter}` },
      formKey: `${others.form}&${scoped.key}`,
      ...messagesOf(scoped, parameters),
    };
  };
  switch (endpoint) {
    case 'query': {
      const scoped = scopedQuery(parameters, context);
      copy('time', 'lookback_delta', 'stats');
      return sendQuery('/query', scoped);
    }
    case 'query_range': {
      const scoped = scopedQuery(parameters, context);
      const range = rangeQuery(scoped.query, parameters, context);
      for (const name of ['start', 'end', 'step'] as const) form.set(name, String(range[name]));
      copy('lookback_delta', 'stats');
      // VictoriaMetrics would move start and end to points of its own choice.
      form.set('nocache', '1');
      const isPlain = !['limit', 'lookback_delta', 'stats'].some((name) => parameters.one(name));
      return { ...sendQuery('/query_range', scoped), ...(isPlain && { range }) };
    }
    case 'query_exemplars': {
      const scoped = scopedQuery(parameters, context);
      copy('start', 'end');
      return sendQuery('/query_exemplars', scoped);
    }
    case 'series':
      if (parameters.all('match[]').length === 0) {
        throw new InputError('match[]', 'no match[] parameter provided');
      }
      addScopedMatchers(form, parameters, context);
      copy('start', 'end');
      return { upstreamRequest: sendTo('/series') };
    case 'labels':
      addScopedMatchers(form, parameters, context);
      copy('start', 'end');
      return { upstreamRequest: sendTo('/labels') };
    case 'values':
      addScopedMatchers(form, parameters, context);
      copy('start', 'end');
      // The only endpoint of these that takes no POST.
      return {
        upstreamRequest: sendTo(`/label/${labelSegment(context.label ?? '')}/values`, 'GET'),
      };
  }
}

/** A request without any scope: its response must be filtered, or hold no data of clusters. */
export function unscopedRequest(
  path: string,
  parameters: Readonly<Record<string, string | undefined>>,
  { timeoutMs }: Limits,
): UpstreamRequest {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) form.set(name, value);
  }
  return { method: 'GET', path, form: form.toString(), timeoutMs };
}

function scopedQuery(parameters: Parameters, { scopeText }: ScopingContext): ScopedText {
  // The store says what is wrong with no text at all.
  const text = parameters.one('query') ?? '';
  const scoped = scopeText(text);
  if (!scoped.ok) throw new Refused('query', text, scoped);
  return scoped;
}

/** Messages of the store name positions in the scoped text. */
function messagesOf(
  { insertions }: Scoped,
  parameters: Parameters,
): Pick<ScopedRequest, 'toCaller'> {
  if (insertions.length === 0) return {};
  return { toCaller: callerMessages(parameters.one('query') ?? '', insertions) };
}

function rangeQuery(query: string, parameters: Parameters, context: ScopingContext): RangeQuery {
  const start = timestamp('start', parameters.one('start') ?? '');
  const end = timestamp('end', parameters.one('end') ?? '');
  if (end < start) throw new InputError('end', 'end timestamp must not be before start time');
  const step = seconds('step', parameters.one('step') ?? '');
  if (step <= 0) {
    throw new InputError(
      'step',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  checkRange({ start, end, step }, context.limits);
  return { query, start, end, step };
}

/** The selectors of `match[]` within the scope; all of the scope where none is given. */
function addScopedMatchers(
  form: URLSearchParams,
  parameters: Parameters,
  context: ScopingContext,
): void {
  const { scope, limits } = context;
  const given = selectorsOf(parameters);
  let length = 0;
  for (const match of given.length === 0 ? [undefined] : given) {
    const scoped = scopeMatchers(match, scope, { maxLength: limits.maxQueryLength });
    if (!scoped.ok) throw new Refused('match[]', match ?? '', scoped);
    for (const selector of scoped.selectors) {
      form.append('match[]', selector);
      length += selector.length;
    }
    if (length > maxScopedLength) {
      throw new LimitExceeded(
        `With the clusters that may be seen the match[] have more than ${maxScopedLength} characters: name some`,
      );
    }
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
