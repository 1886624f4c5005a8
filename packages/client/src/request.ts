import { Axios, type AxiosAdapter } from 'axios';
import { Pool, type Dispatcher } from 'undici';

import { contextHeaders, currentContext } from './context.js';
import { abortError, startDeadline } from './deadline.js';
import type { Upstream } from './errors.js';
import { networkFailure } from './network-failure.js';
import { fetchWhole, readableEncodings, type WholeAnswer } from './whole-answer.js';

export interface HttpOptions {
  upstream: Upstream;
  /** Scheme, host and an optional path that all requests start with; credentials are refused here. */
  baseUrl: string;
  /** Sent with every request: credentials, tenant. */
  headers?: Record<string, string> | undefined;
  /** PEM text of the certificate authorities to trust instead of the system's. */
  ca?: string | undefined;
  /** Milliseconds one call may take, its body included. Default 10 000. */
  timeoutMs?: number | undefined;
  /** Bytes of an (unpacked) answer above which it is not read on. Default 64 MiB. */
  maxResponseBytes?: number | undefined;
  /** Connections at once; further calls wait for one. Default 64. */
  maxSockets?: number | undefined;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL, starting with a slash, each segment encoded (`pathSegment`). */
  path: string;
  query?: Record<string, string | readonly string[]> | undefined;
  headers?: Record<string, string> | undefined;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`. */
  form?: URLSearchParams | undefined;
  /** Sent as it is; `headers` say what it is. */
  body?: string | undefined;
  timeoutMs?: number | undefined;
  /** Instead of the signal of the current context. */
  signal?: AbortSignal | undefined;
}

/** An answer of any status; redirects are answers too. */
export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** The connections to one neighbour. It never retries. */
export interface Http {
  /** Throws an `UpstreamError` (unreachable, timeout, cancelled, bad_answer) where no answer came. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Closes the connections; calls in flight fail. */
  close(): void;
}

/** Prepares the connections to one neighbour; nothing is opened before the first request. */
export function createHttp(options: HttpOptions): Http {
  const { upstream, ca, timeoutMs = 10_000, maxSockets = 64 } = options;
  const base = new URL(checkedBaseUrl(options.baseUrl));
  const prefix = base.pathname.replace(/\/+$/, '');
  const headers = {
    'accept-encoding': readableEncodings,
    'user-agent': 'bud-monitoring',
    ...options.headers,
  };
  const pool = new Pool(base.origin, {
    connections: maxSockets,
    keepAliveTimeout: 30_000,
    connect: { timeout: timeoutMs, ...(ca !== undefined && { ca }) },
    // Each call has a deadline of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const maxBytes = options.maxResponseBytes ?? 64 * 2 ** 20;
  const adapter = overUndici(pool, maxBytes);
  // Without the defaults of `axios.create`: to merge two dozen of them costs more than the rest of it.
  const client = new Axios({ adapter });
  return {
    request: (request) => send({ client, upstream, timeoutMs, prefix, headers }, request),
    close() {
      pool.destroy().catch(() => undefined);
    },
  };
}

/**
 * The way of axios' requests to the network, in place of its own over node:http, which takes several
 * times the work of a small call. Neither redirects, which would carry credentials along, nor the
 * environment's proxies, which are for the outside world.
 */
function overUndici(pool: Dispatcher, maxBytes: number): AxiosAdapter {
  return async (config) => {
    const { options, signal } = config.data as Call;
    const data = await fetchWhole(pool, options, { signal, maxBytes });
    return { status: data.status, statusText: '', headers: {}, data, config };
  };
}

/**
 * One request. Axios has it as the data, and the answer too: what is no plain object it hands on as it
 * is, while method, headers and signal it would merge and copy at a price above that of the exchange.
 */
class Call {
  readonly options: Dispatcher.DispatchOptions;
  readonly signal: AbortSignal;

  constructor(options: Dispatcher.DispatchOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
  }
}

interface Sender {
  client: Axios;
  upstream: Upstream;
  timeoutMs: number;
  prefix: string;
  headers: Record<string, string>;
}

async function send(sender: Sender, request: HttpRequest): Promise<HttpResponse> {
  const { client, upstream } = sender;
  const caller = request.signal ?? currentContext()?.signal;
  const deadline = startDeadline(upstream, request.timeoutMs ?? sender.timeoutMs, caller);
  const { signal } = deadline;
  try {
    const options: Dispatcher.DispatchOptions = {
      method: request.method,
      path: sender.prefix + request.path + queryText(request.query),
      headers: {
        ...contextHeaders(),
        ...request.headers,
        ...bodyType(request),
        ...sender.headers,
      },
      body: request.body ?? request.form?.toString() ?? jsonText(request.json) ?? null,
    };
    const { data } = await client.request<WholeAnswer>({ data: new Call(options, signal) });
    return { ...data, headers: flat(data.headers) };
  } catch (error) {
    throw signal.aborted ? abortError(upstream, signal) : networkFailure(upstream, error);
  } finally {
    deadline.done();
  }
}

/** Encodes one segment of a path. `.` and `..` would be swallowed on the way: a `RangeError`. */
export function pathSegment(text: string): string {
  if (text === '' || text === '.' || text === '..') throw new RangeError('not a path segment');
  return encodeURIComponent(text);
}

export interface Credentials {
  /** Bearer token; goes before user name and password. */
  token?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
}

/** The header that proves who we are; none without credentials. */
export function authorization({ token, username, password }: Credentials): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (username === undefined) return {};
  const pair = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

/** Seconds to wait by the answer's `Retry-After` (seconds or a date), if it says so. */
export function retryAfter(
  { headers }: Pick<HttpResponse, 'headers'>,
  now: number,
): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** The base URL without trailing slashes; throws a `TypeError` for one with credentials or a query. */
export function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('a base URL must start with http:// or https:// and name a host');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('a base URL holds neither credentials nor a query');
  }
  return url.href.replace(/\/+$/, '');
}

function queryText(query: HttpRequest['query']): string {
  if (query === undefined) return '';
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === 'string' ? [value] : value) parameters.append(name, one);
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

function bodyType(request: HttpRequest): Record<string, string> {
  if (request.form !== undefined) return { 'content-type': 'application/x-www-form-urlencoded' };
  if (request.json === undefined) return {};
  return { 'content-type': request.headers?.['content-type'] ?? 'application/json' };
}

function jsonText(json: unknown): string | undefined {
  return json === undefined ? undefined : JSON.stringify(json);
}

/** One text for each header. */
function flat(headers: WholeAnswer['headers']): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) texts[name] = String(value);
  return texts;
}
