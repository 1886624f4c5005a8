import type { Clock } from '../../ports.js';
import { createExtentCache } from './range-cache/extents.js';
import { createRangeCache } from './range-cache/range-cache.js';
import type { ApiResponse, CacheStatus } from './response/api-response.js';
import {
  InvalidUpstreamResponse,
  isWholeObject,
  UnsupportedByStore,
} from './response/read-response.js';
import { createResponseCache } from './response/response-cache.js';
import { refusedTtlMs, reuseTtlMs } from './response/reuse-policy.js';
import type { ScopedRequest } from './scoping/scope-request.js';
import { shortKey } from './short-key.js';
import { createLimitedUpstream, type TimedResponse } from './upstream/limited-upstream.js';
import type { FairQueue } from './upstream/fair-queue.js';
import { BodyTooLarge } from './upstream/shared-body.js';
import { createStreamingSingleFlight } from './upstream/single-flight.js';
import type { Upstream } from './upstream/upstream.js';

export interface QueryExecutorOptions {
  readonly upstream: Upstream;
  readonly queue: FairQueue;
  readonly clock: Clock;
  /** Bytes of cached responses and of cached extents: each may take half of them. */
  readonly cacheBytes: number;
  /** Bytes above which a response is broken off. */
  readonly maxResponseBytes: number;
  /** How long the newest points, instant and other responses are reused, ms. */
  readonly freshMs: number;
  /** Age from which points do not change any more, seconds. */
  readonly settledAfterSeconds: number;
  /** How long an extent lives, seconds: samples that came late are seen by then. */
  readonly extentSeconds: number;
}

export interface ExecutorRequest extends ScopedRequest {
  /** Key of the fair queue. */
  readonly queueKey: string;
  /** Keeps responses to callers of different reach apart; holds no blank. */
  readonly scopeKey: string;
  /** Bypasses the caches. */
  readonly fresh?: boolean | undefined;
}

/** Executes requests: from a cache, by joining one that is under way, or by the store. */
export interface QueryExecutor {
  /** Throws what kept the store from answering; the signal ends the body too. */
  execute(request: ExecutorRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** Bytes that the caches take. */
  readonly cachedBytes: number;
}

/** A response that has begun, and what to do once its body has arrived or broken off. */
interface PendingResponse extends TimedResponse, CacheStatus {
  onEnd(whole: Buffer | null): void;
  onBreak(error: unknown): void;
}

/** Bytes buffered of a response for its slowest reader; longer ones are not cached either. */
const windowBytes = 8 * 1024 * 1024;

export function createQueryExecutor(options: QueryExecutorOptions): QueryExecutor {
  const { clock, freshMs } = options;
  const half = Math.max(1, Math.floor(options.cacheBytes / 2));
  const responses = createResponseCache({ clock, maxBytes: half });
  const extents = createExtentCache({ ...options, maxBytes: half });
  const upstream = createLimitedUpstream(options);
  const ranges = createRangeCache({ extents, upstream, clock, windowBytes });
  const singleFlight = createStreamingSingleFlight<PendingResponse>({
    maxBytes: options.maxResponseBytes,
    windowBytes,
    onEnd: (response, whole) => response.onEnd(whole),
    onBreak: (response, error) => response.onBreak(error),
  });

  /** The response from cached extents or the store; it is cached once it has arrived. */
  async function send(
    request: ExecutorRequest,
    key: string,
    signal: AbortSignal,
  ): Promise<PendingResponse> {
    const { queueKey, scopeKey, upstreamRequest, range, fresh = false } = request;
    const cached = fresh || range === undefined ? null : await ranges.get(request, range, signal);
    const requestedAt = clock.now();
    const response = cached ?? {
      ...(await upstream.send(queueKey, upstreamRequest, signal)),
      ...(fresh ? freshStatus : ranges.missStatus(range)),
    };
    const { status } = response;
    // What was encoded here from extents is whole; of a stream only its end can tell.
    const isEncodedHere = cached !== null && status === 200;
    if (response.rest === null && !isEncodedHere && !isWholeObject(response.first)) {
      if (status !== 204) throw invalidResponse(request.upstreamRequest.path, status);
    }
    return {
      ...response,
      onEnd(body) {
        if (fresh || body === null) return;
        if (response.rest !== null && !isWholeObject(body)) return;
        // What may lack something is not kept for the step of a coarse range.
        const stepSeconds = cached?.hasGap === true ? undefined : range?.step;
        const ttlMs = reuseTtlMs({ status, body }, { stepSeconds, freshMs, isEncodedHere });
        responses.set(key, { status, body }, ttlMs);
        if (cached === null && range !== undefined && status === 200) {
          ranges.set(scopeKey, range, { body, requestedAt });
        }
      },
      onBreak(error) {
        if (!(error instanceof BodyTooLarge)) return;
        // Its head had been sent already: a caller that retries is told why it broke off.
        const body = { status: 'error', errorType: 'execution', error: error.message };
        const cachedError = { status: 422, body: Buffer.from(JSON.stringify(body)) };
        responses.set(key, cachedError, refusedTtlMs);
      },
    };
  }

  function fromCache(key: string): ApiResponse | undefined {
    const cached = responses.get(key);
    if (cached === undefined) return undefined;
    const age = Math.max(0, Math.round((clock.now() - cached.storedAt) / 1000));
    return {
      status: cached.status,
      cache: 'hit',
      reason: `kept for ${age} s`,
      shared: false,
      storeSeconds: null,
      body: cached.body,
    };
  }

  return {
    async execute(request, signal) {
      const { fresh = false, upstreamRequest } = request;
      const key = cacheKeyOf(request);
      const cached = fresh ? undefined : fromCache(key);
      if (cached !== undefined) return cached;
      // With the timeout: a caller with more time must not share the failure of one with less.
      const flightKey = `${fresh ? 'fresh ' : ''}${upstreamRequest.timeoutMs} ${key}`;
      const { response, shared, body } = await singleFlight.do(flightKey, signal, (sharedSignal) =>
        send(request, key, sharedSignal),
      );
      const { status, storeSeconds } = response;
      const { cache, reason } = shared ? sharedStatus : response;
      return { status, cache, reason, shared, storeSeconds, body };
    },
    get cachedBytes() {
      return responses.bytes + extents.bytes;
    },
  };
}

/** What every store has; one that lacks another endpoint says so in words of its own. */
const common = new Set(['/query', '/query_range', '/series', '/labels']);

function invalidResponse(path: string, status: number): Error {
  return status >= 400 && !common.has(path)
    ? new UnsupportedByStore(`The store has no ${path}`)
    : new InvalidUpstreamResponse('The store answered what is no whole JSON object');
}

const freshStatus: CacheStatus = { cache: 'bypass', reason: 'asked for anew' };
const sharedStatus: CacheStatus = { cache: 'hit', reason: 'asked by another too' };

function cacheKeyOf({ scopeKey, upstreamRequest, formKey }: ExecutorRequest): string {
  const { path, form } = upstreamRequest;
  return `${scopeKey} ${path}?${formKey ?? shortKey(form)}`;
}
