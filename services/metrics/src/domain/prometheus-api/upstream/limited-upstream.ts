import type { Clock } from '../../../ports.js';
import type { FairQueue } from './fair-queue.js';
import type { Upstream, UpstreamRequest, UpstreamResponse } from './upstream.js';

export interface TimedResponse extends UpstreamResponse {
  /** Seconds until the store began to respond. */
  readonly storeSeconds: number;
}

/** The store behind a concurrency limit: so many requests at once, in all and for each key of the queue. */
export interface LimitedUpstream {
  /**
   * Waits for a place, which is held until the body has arrived or the signal is aborted. Throws
   * `QueueFull`, or what kept the store from answering.
   */
  send(queueKey: string, request: UpstreamRequest, signal: AbortSignal): Promise<TimedResponse>;
}

/** Endpoints whose evaluation the store ends after `timeout`. */
const evaluated = new Set(['/query', '/query_range']);

export function createLimitedUpstream(options: {
  upstream: Upstream;
  queue: FairQueue;
  clock: Clock;
}): LimitedUpstream {
  const { upstream, queue, clock } = options;
  return {
    async send(queueKey, request, signal) {
      const queuedAt = clock.now();
      const release = await queue.acquire(queueKey, signal);
      try {
        const startedAt = clock.now();
        const { method, path } = request;
        // Time in the queue counts against the timeout.
        const remainingMs = Math.max(1, Math.ceil(request.timeoutMs - (startedAt - queuedAt)));
        const form = evaluated.has(path)
          ? `${request.form}&timeout=${remainingMs}ms`
          : request.form;
        const { status, first, rest } = await upstream.send({ method, path, form }, signal);
        const storeSeconds = (clock.now() - startedAt) / 1000;
        if (rest === null) {
          release();
          return { status, first, rest, storeSeconds };
        }
        signal.addEventListener('abort', release, { once: true });
        return { status, first, rest: releaseAfter(rest, release), storeSeconds };
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

async function* releaseAfter(
  chunks: AsyncIterable<Buffer>,
  release: () => void,
): AsyncGenerator<Buffer, void> {
  try {
    yield* chunks;
  } finally {
    release();
  }
}
