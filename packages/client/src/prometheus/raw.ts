import { Pool } from 'undici';

import { systemClock } from '../clock.js';
import { contextHeaders } from '../context.js';
import { UpstreamError, type Upstream, type UpstreamErrorCode } from '../errors.js';
import { toUpstreamError } from '../http/network-error.js';
import { createResiliencePolicy, type CircuitBreakerState } from '../resilience/policy.js';
import { authorization, retryAfter, type Credentials } from '../http/headers.js';
import { checkedBaseUrl } from '../http/url.js';
import { isOutOfTime } from './out-of-time.js';
import { dispatch, type StreamedResponse } from '../http/dispatch.js';

export interface RawStoreOptions extends Credentials {
  /** Scheme, host and optional path below which `/api/v1` is served; no credentials. */
  url: string;
  ca?: string | undefined;
  tenant?: string | undefined;
  /** Milliseconds until a response has begun, all attempts together; also between two of its chunks. */
  timeoutMs: number;
  onCircuitState?: ((name: Upstream, state: CircuitBreakerState) => void) | undefined;
}

export interface RawRequest {
  /** GET where the store takes no POST. A POST of a short form is sent as a GET, which costs less. */
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`, segments encoded. */
  readonly path: string;
  /** Encoded parameters. */
  readonly form: string;
}

/** The store's response, not parsed: success, or an error that is about the query. */
export interface RawResponse {
  readonly status: number;
  /** All of a short body (256 KiB), or the beginning of a long one. */
  readonly first: Buffer;
  /** The rest of the body, with back-pressure; null where `first` is all of it. */
  readonly rest: AsyncIterable<Buffer> | null;
}

/** The store's HTTP API, byte for byte. */
export interface RawStore {
  /**
   * Sends a form to a path below `/api/v1`. A 4xx about the query and a query that timed out in the
   * store (always a 503) are responses; a failure of the store itself is an `UpstreamError`. The signal ends
   * the body too.
   */
  send(request: RawRequest, signal: AbortSignal): Promise<RawResponse>;
  close(): Promise<void>;
}

/** Statuses that are about our credentials, our URL or the store itself, and not about the query. */
const codeByStatus: Partial<Record<number, UpstreamErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'bad_answer',
  405: 'bad_answer',
  407: 'bad_answer',
  429: 'too_many_requests',
  502: 'unreachable',
  503: 'unreachable',
  504: 'timeout',
};

/** Statuses with which stores refuse a path that they do not know. */
const lacksEndpoint = new Set([400, 404, 405, 501]);

/** The error that a response stands for; undefined where it is the result of the query. */
function upstreamFault({
  status,
  headers,
  first,
}: StreamedResponse): UpstreamErrorCode | undefined {
  const isJson = String(headers['content-type']).includes('json');
  const isPlain = headers['content-encoding'] === undefined;
  // Exemplars of no selector are no content; of an endpoint that it lacks a store says so in words of its own.
  if (status === 204 || (!isJson && lacksEndpoint.has(status))) return undefined;
  if (isJson && isPlain) {
    // A query that timed out in the store is about the query; a store that starts up answers 503 too.
    if (status === 503 && /"errorType"\s*:\s*"timeout"/.test(first.toString())) return undefined;
    if (status === 200 || (status >= 400 && status < 500)) return codeByStatus[status];
  }
  return codeByStatus[status] ?? 'bad_answer';
}

/**
 * The timeout that a 422 stands for. Left as it is, it would be kept as what is wrong with the query, and said to
 * callers who give it more time.
 */
function asTimeout(status: number, body: Buffer): RawResponse | null {
  if (status !== 422) return null;
  try {
    const { error } = JSON.parse(body.toString()) as { error?: unknown };
    if (typeof error !== 'string' || !isOutOfTime(status, error)) return null;
    const timeout = { status: 'error', errorType: 'timeout', error };
    return { status: 503, first: Buffer.from(JSON.stringify(timeout)), rest: null };
  } catch {
    return null; // no JSON: refused where it is read
  }
}

/** Characters of a form that go into the URL, which every server takes. */
const shortForm = 1024;

const failure = (error: unknown) => toUpstreamError('prometheus', error);

/** The client for responses that are passed on as they arrive; undici without axios (see http/http-client.ts). */
export function createRawStore(options: RawStoreOptions): RawStore {
  const base = new URL(checkedBaseUrl(options.url));
  const { timeoutMs, ca, tenant } = options;
  const pool = new Pool(base.origin, {
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: Math.min(timeoutMs, 10_000), ...(ca !== undefined && { ca }) },
  });
  const headers = {
    accept: 'application/json',
    ...authorization(options),
    ...(tenant !== undefined && { 'x-scope-orgid': tenant }),
  };
  const policy = createResiliencePolicy({
    name: 'prometheus',
    deadlineMs: timeoutMs,
    onStateChange: options.onCircuitState,
  });
  const prefix = `${base.pathname.replace(/\/$/, '')}/api/v1`;

  function open({ method, path, form }: RawRequest) {
    const isInUrl = method === 'GET' || form.length <= shortForm;
    return dispatch(pool, {
      path: `${prefix}${path}${isInUrl && form !== '' ? `?${form}` : ''}`,
      method: isInUrl ? 'GET' : 'POST',
      headers: {
        ...contextHeaders(),
        ...headers,
        ...(!isInUrl && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body: isInUrl ? null : form,
    });
  }

  /** One attempt: `attemptSignal` ends it until the response has begun, `signal` from then on. */
  async function attempt(
    request: RawRequest,
    attemptSignal: AbortSignal,
    signal: AbortSignal,
  ): Promise<RawResponse | UpstreamError> {
    const call = open(request);
    const abort = (reason: Error) => call.abort(reason);
    const leave = (event: Event) => abort(asError((event.target as AbortSignal).reason));
    attemptSignal.addEventListener('abort', leave, { once: true });
    let response: StreamedResponse;
    try {
      response = await call.response;
    } catch (error) {
      throw failure(error);
    } finally {
      attemptSignal.removeEventListener('abort', leave);
    }
    const { status, first, rest } = response;
    const code = upstreamFault(response);
    if (code === undefined && !attemptSignal.aborted) {
      if (rest === null) return asTimeout(status, first) ?? { status, first, rest };
      signal.addEventListener('abort', leave, { once: true });
      return { status, first, rest: withUpstreamErrors(rest) };
    }
    if (rest !== null) abort(new Error('response not needed'));
    if (code === undefined) throw failure(attemptSignal.reason);
    const retryAfterSeconds = retryAfter(
      { headers: { 'retry-after': String(response.headers['retry-after'] ?? '') } },
      systemClock.now(),
    );
    const error = new UpstreamError({ upstream: 'prometheus', code, status, retryAfterSeconds });
    // A proxy in between timed out: it would again, and says nothing about the store.
    if (status === 504) return error;
    throw error;
  }

  return {
    async send(request, signal) {
      const outcome = await policy.execute(
        (attemptSignal) => attempt(request, attemptSignal, signal),
        {
          signal,
        },
      );
      if (outcome instanceof UpstreamError) throw outcome;
      return outcome;
    },
    close: () => pool.destroy(),
  };
}

/** The rest of a body, its errors as `UpstreamError`s. */
async function* withUpstreamErrors(rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  try {
    yield* rest;
  } catch (error) {
    throw failure(error);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted');
}
