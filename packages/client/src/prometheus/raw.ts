import { Pool } from 'undici';

import { systemClock } from '../clock.js';
import { contextHeaders } from '../context.js';
import { UpstreamError, type Upstream, type UpstreamErrorCode } from '../errors.js';
import { networkFailure } from '../network-failure.js';
import { createPolicy, type PolicyState } from '../policy.js';
import { authorization, checkedBaseUrl, retryAfter, type Credentials } from '../request.js';
import { exchange, type Opened } from '../exchange.js';

export interface RawStoreOptions extends Credentials {
  /** Scheme, host and optional path below which `/api/v1` is served; no credentials. */
  url: string;
  ca?: string | undefined;
  tenant?: string | undefined;
  /** Milliseconds until an answer has begun, all tries together; also between two of its pieces. */
  timeoutMs: number;
  onPolicyState?: ((name: Upstream, state: PolicyState) => void) | undefined;
}

export interface RawRequest {
  /** GET where the store takes no POST. */
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`, segments encoded. */
  readonly path: string;
  /** Encoded parameters. */
  readonly form: string;
}

/** The store's own answer, unread: success, or an error that is about the query. */
export interface RawAnswer {
  readonly status: number;
  /** All of a short body (64 KiB), else the beginning of a long one. */
  readonly first: Buffer;
  /** What follows; null where that was all. It comes in no faster than it is read. */
  readonly rest: AsyncIterable<Buffer> | null;
}

/** The store's HTTP API handed on byte for byte. */
export interface RawStore {
  /**
   * Sends a form to a path below `/api/v1`. A 4xx about the query, and a query that took the store too
   * long, are answers; throws an `UpstreamError` where there is none or it is about the store itself.
   * The signal ends the body too.
   */
  send(request: RawRequest, signal: AbortSignal): Promise<RawAnswer>;
  close(): Promise<void>;
}

/** 4xx about ourselves or the address, and not about the query. */
const troubleOf: Partial<Record<number, UpstreamErrorCode>> = {
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

/** What an answer says of the store itself; undefined where it is the answer to the query. */
function trouble({ status, headers, first }: Opened): UpstreamErrorCode | undefined {
  const isJson = String(headers['content-type']).includes('json');
  const isPlain = headers['content-encoding'] === undefined;
  if (isJson && isPlain) {
    // A query that the store gave up is about the query; one that starts up has a 503 too.
    if (status === 503 && /"errorType"\s*:\s*"timeout"/.test(first.toString())) return undefined;
    if (status === 200 || (status >= 400 && status < 500)) return troubleOf[status];
  }
  return troubleOf[status] ?? 'bad_answer';
}

const failure = (error: unknown) => networkFailure('prometheus', error);

/** Opens the raw way to the store: over undici, since axios costs several times as much at small answers. */
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
  const policy = createPolicy({
    name: 'prometheus',
    deadlineMs: timeoutMs,
    onStateChange: options.onPolicyState,
  });
  const prefix = `${base.pathname.replace(/\/$/, '')}/api/v1`;

  function open({ method, path, form }: RawRequest) {
    const isGet = method === 'GET';
    return exchange(pool, {
      path: `${prefix}${path}${isGet && form !== '' ? `?${form}` : ''}`,
      method,
      headers: {
        ...contextHeaders(),
        ...headers,
        ...(!isGet && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body: isGet ? null : form,
    });
  }

  /** One try: `trying` ends it until it has begun, `signal` from then on. */
  async function attempt(
    request: RawRequest,
    trying: AbortSignal,
    signal: AbortSignal,
  ): Promise<RawAnswer | UpstreamError> {
    const call = open(request);
    const abort = (reason: Error) => call.abort(reason);
    const leave = (event: Event) => abort(asError((event.target as AbortSignal).reason));
    trying.addEventListener('abort', leave, { once: true });
    let answer: Opened;
    try {
      answer = await call.opened;
    } catch (error) {
      throw failure(error);
    } finally {
      trying.removeEventListener('abort', leave);
    }
    const { status, first, rest } = answer;
    const code = trouble(answer);
    if (code === undefined && !trying.aborted) {
      if (rest === null) return { status, first, rest };
      signal.addEventListener('abort', leave, { once: true });
      return { status, first, rest: translated(rest) };
    }
    if (rest !== null) abort(new Error('of no use'));
    if (code === undefined) throw failure(trying.reason);
    const retryAfterSeconds = retryAfter(
      { headers: { 'retry-after': String(answer.headers['retry-after'] ?? '') } },
      systemClock.now(),
    );
    const error = new UpstreamError({ upstream: 'prometheus', code, status, retryAfterSeconds });
    // Too much for a proxy in between: sent again it would be too much again, and says nothing of the store.
    if (status === 504) return error;
    throw error;
  }

  return {
    async send(request, signal) {
      const outcome = await policy.execute((trying) => attempt(request, trying, signal), {
        signal,
      });
      if (outcome instanceof UpstreamError) throw outcome;
      return outcome;
    },
    close: () => pool.destroy(),
  };
}

/** The rest of a body, whose failures are the store's. */
async function* translated(rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  try {
    yield* rest;
  } catch (error) {
    throw failure(error);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted');
}
