import { Axios, type AxiosAdapter } from 'axios';
import { Pool, type Dispatcher } from 'undici';

import { contextHeaders, currentContext } from '../context.js';
import { abortError, startDeadline } from '../resilience/deadline.js';
import { startSpan } from '../tracing.js';
import type { Upstream } from '../errors.js';
import { toUpstreamError } from './network-error.js';
import { checkedBaseUrl, queryText, type Query } from './url.js';
import { fetchBuffered, supportedEncodings, type BufferedResponse } from './buffered-response.js';

export interface HttpClientOptions {
  upstream: Upstream;
  /** Scheme, host and an optional path that all requests start with; credentials are refused here. */
  baseUrl: string;
  /** Sent with every request: credentials, tenant. */
  headers?: Record<string, string> | undefined;
  /** PEM text of the certificate authorities to trust instead of the system's. */
  ca?: string | undefined;
  /** Milliseconds one call may take, its body included. Default 10 000. */
  timeoutMs?: number | undefined;
  /** Most bytes of a decompressed response body; a longer one is an error. Default 64 MiB. */
  maxResponseBytes?: number | undefined;
  /** Connections at once; further calls wait for one. Default 64. */
  maxSockets?: number | undefined;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base URL, starting with a slash, each segment encoded (`pathSegment`). */
  path: string;
  query?: Query | undefined;
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

/** A response of any status, redirects included. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** The body, decoded whenever it is asked for. */
  readonly text: string;
}

/** The connections to one upstream. It never retries: that is the policy's (resilience/policy.ts). */
export interface HttpClient {
  /** Throws an `UpstreamError` (unreachable, timeout, cancelled, bad_answer) where no response came. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Closes the connections; calls in flight fail. */
  close(): void;
}

/**
 * The HTTP client of one upstream; nothing is opened before the first request.
 *
 * Two HTTP libraries, one path: axios is the client this product is specified with, so that every
 * ordinary call is an axios request; its transport is undici, by axios' own adapter interface, because
 * axios over node:http costs several times the CPU of a small call. The scoped Prometheus API
 * (prometheus/raw.ts) uses undici without axios, since axios has no cheap way to pass on a response
 * byte for byte while it still arrives.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { upstream, ca, timeoutMs = 10_000, maxSockets = 64 } = options;
  const base = new URL(checkedBaseUrl(options.baseUrl));
  const prefix = base.pathname.replace(/\/+$/, '');
  const headers = {
    'accept-encoding': supportedEncodings,
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
  const adapter = undiciAdapter(pool, maxBytes);
  // Not `axios.create`: merging its two dozen defaults costs more than the rest of a request.
  const client = new Axios({ adapter });
  return {
    request: (request) => send({ client, upstream, timeoutMs, prefix, headers }, request),
    close() {
      pool.destroy().catch(() => undefined);
    },
  };
}

/**
 * An axios adapter over undici. It follows no redirects, which would take credentials along, and
 * ignores the proxies of the environment, which are for the outside world.
 */
function undiciAdapter(pool: Dispatcher, maxBytes: number): AxiosAdapter {
  return async (config) => {
    const { options, signal } = config.data as UndiciRequest;
    const data = await fetchBuffered(pool, options, { signal, maxBytes });
    return { status: data.status, statusText: '', headers: {}, data, config };
  };
}

/**
 * One request, which axios carries as its `data`, as it does the response. A class instance is passed on
 * as it is; method, headers and signal would be merged and copied, which costs more than the request.
 */
class UndiciRequest {
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
  const span = startSpan(() => ({
    name: `${request.method} ${upstream}`,
    kind: 'client',
    parent: currentContext()?.traceparent,
    attributes: {
      'http.request.method': request.method,
      'peer.service': upstream,
      'url.path': request.path,
    },
  }));
  let status = 0;
  try {
    const options: Dispatcher.DispatchOptions = {
      method: request.method,
      path: sender.prefix + request.path + queryText(request.query),
      headers: {
        ...contextHeaders(span),
        ...request.headers,
        ...bodyType(request),
        ...sender.headers,
      },
      body: request.body ?? request.form?.toString() ?? jsonText(request.json) ?? null,
    };
    const { data } = await client.request<BufferedResponse>({
      data: new UndiciRequest(options, signal),
    });
    status = data.status;
    return new Response(data);
  } catch (error) {
    throw signal.aborted ? abortError(upstream, signal) : toUpstreamError(upstream, error);
  } finally {
    deadline.done();
    span?.end({ status });
  }
}

const decoder = new TextDecoder();

class Response implements HttpResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;

  constructor({ status, headers, body }: BufferedResponse) {
    this.status = status;
    this.headers = flat(headers);
    this.body = body;
  }

  get text(): string {
    return decoder.decode(this.body);
  }
}

function bodyType(request: HttpRequest): Record<string, string> {
  if (request.form !== undefined) return { 'content-type': 'application/x-www-form-urlencoded' };
  if (request.json === undefined) return {};
  return { 'content-type': request.headers?.['content-type'] ?? 'application/json' };
}

function jsonText(json: unknown): string | undefined {
  return json === undefined ? undefined : JSON.stringify(json);
}

/** Headers with one text each. */
function flat(headers: BufferedResponse['headers']): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) texts[name] = String(value);
  return texts;
}
