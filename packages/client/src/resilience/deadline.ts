import { UpstreamError, type Upstream } from '../errors.js';

/** The abort signal of one call, and how to release it. */
export interface Deadline {
  /** Aborted when the time is up (reason: a `timeout` error) or the caller goes away. */
  signal: AbortSignal;
  /** Releases the timer and the caller's signal; call it when the call has ended. */
  done(): void;
}

/**
 * Starts the deadline of one call. Uses the global `setTimeout`, since fake timers do not move
 * `AbortSignal.timeout`, and removes its listener again: a caller's signal may live long.
 */
export function startDeadline(upstream: Upstream, ms: number, caller?: AbortSignal): Deadline {
  const abort = new AbortController();
  const leave = () => abort.abort(caller?.reason);
  const timer = setTimeout(() => abort.abort(new UpstreamError({ upstream, code: 'timeout' })), ms);
  if (caller?.aborted === true) leave();
  else caller?.addEventListener('abort', leave, { once: true });
  return {
    signal: abort.signal,
    done() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', leave);
    },
  };
}

/** The error of an aborted call: `timeout` if the deadline passed, else `cancelled`. */
export function abortError(upstream: Upstream, signal: AbortSignal): UpstreamError {
  const reason: unknown = signal.reason;
  return reason instanceof UpstreamError
    ? reason
    : new UpstreamError({ upstream, code: 'cancelled' });
}

/** The promise's outcome, or the abort's error as soon as the signal fires; the work itself may go on. */
export function untilAborted<T>(
  promise: Promise<T>,
  upstream: Upstream,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(abortError(upstream, signal));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const stay = () => signal.removeEventListener('abort', giveUp);
    promise.then(resolve, reject);
    promise.then(stay, stay);
  });
}
