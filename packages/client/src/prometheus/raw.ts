import { Agent } from 'undici';

import { contextHeaders } from '../context.js';
import { UpstreamError, type Upstream, type UpstreamErrorCode } from '../errors.js';
import { createPolicy, type PolicyState } from '../policy.js';
import { authorization, checkedBaseUrl, type Credentials } from '../request.js';

export interface RawStoreOptions extends Credentials {
  /** Scheme, host and optional path below which `/api/v1` is served; no credentials. */
  url: string;
  ca?: string | undefined;
  tenant?: string | undefined;
  /** Milliseconds until the head of an answer has come, all tries together. */
  timeoutMs: number;
  onPolicyState?: ((name: Upstream, state: PolicyState) => void) | undefined;
}

/** A JSON answer as it comes: status, and the body in pieces. */
export interface RawAnswer {
  readonly status: number;
  readonly body: AsyncIterable<Buffer>;
}

/** The store's HTTP API handed on byte for byte; what comes back is not read. */
export interface RawStore {
  /**
   * Sends a form to a path below `/api/v1` (GET where the store takes no POST). A 4xx or 422 is an
   * answer; throws an `UpstreamError` where none came, or one that says the store is in trouble.
   */
  send(
    request: { method: 'GET' | 'POST'; path: string; form: URLSearchParams },
    signal: AbortSignal,
  ): Promise<RawAnswer>;
  close(): Promise<void>;
}

/** What an answer says of the store itself, where it says nothing about the query. */
function trouble(status: number, contentType: string): UpstreamErrorCode | undefined {
  if (status === 429) return 'too_many_requests';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  // 503 with a body of the store's own is a query that took too long.
  if (!contentType.includes('json')) return status >= 502 ? 'unreachable' : 'bad_answer';
  return status >= 500 && status !== 503 ? 'bad_answer' : undefined;
}

/**
 * Opens the raw way to the store. Over undici: at small answers it is twice as quick as axios, and
 * it streams.
 */
export function createRawStore(options: RawStoreOptions): RawStore {
  const base = new URL(checkedBaseUrl(options.url));
  const agent = new Agent({
    connections: 64,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    ...(options.ca !== undefined && { connect: { ca: options.ca } }),
  });
  const headers = {
    accept: 'application/json',
    ...authorization(options),
    ...(options.tenant !== undefined && { 'x-scope-orgid': options.tenant }),
  };
  const policy = createPolicy({
    name: 'prometheus',
    deadlineMs: options.timeoutMs,
    onStateChange: options.onPolicyState,
  });
  const prefix = `${base.pathname.replace(/\/$/, '')}/api/v1`;

  async function send(
    { method, path, form }: Parameters<RawStore['send']>[0],
    signal: AbortSignal,
  ): Promise<RawAnswer> {
    const text = form.toString();
    const isGet = method === 'GET';
    try {
      const answer = await agent.request({
        origin: base.origin,
        path: `${prefix}${path}${isGet && text !== '' ? `?${text}` : ''}`,
        method,
        headers: {
          ...contextHeaders(),
          ...headers,
          ...(!isGet && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(!isGet && { body: text }),
        signal,
      });
      const { statusCode: status, body } = answer;
      const code = trouble(status, String(answer.headers['content-type']));
      if (code !== undefined) {
        await body.dump();
        throw new UpstreamError({ upstream: 'prometheus', code, status });
      }
      return { status, body: body as AsyncIterable<Buffer> };
    } catch (error) {
      if (error instanceof UpstreamError) throw error;
      const { code = '' } = error as { code?: string };
      throw new UpstreamError({
        upstream: 'prometheus',
        code: code.includes('TIMEOUT') ? 'timeout' : 'unreachable',
        detail: code,
      });
    }
  }

  return {
    // The policy's signal ends with the head; the body obeys the caller's.
    send: (request, signal) => policy.execute(() => send(request, signal), { signal }),
    close: () => agent.close(),
  };
}
