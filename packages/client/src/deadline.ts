import { UpstreamError, type Upstream } from './errors.js';

/** A signal for one call, and the end of what feeds it. */
export interface Deadline {
  /** Fires when the time is up (with a `timeout` as its reason) or the caller goes away. */
  signal: AbortSignal;
  /** Lets go of timer and caller; to be called when the call has ended. */
  done(): void;
}

/**
 * Starts the clock of one call. Over the global `setTimeout`, since `AbortSignal.timeout` escapes a
 * test's fake timers, and with a listener that is taken off again: a caller's signal may live long.
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

/** What an aborted call ends with: the timeout if a deadline fired, else the caller went away. */
export function abortError(upstream: Upstream, signal: AbortSignal): UpstreamError {
  const reason: unknown = signal.reason;
  return reason instanceof UpstreamError
    ? reason
    : new UpstreamError({ upstream, code: 'cancelled' });
}

/** The promise, or the abort's error as soon as the signal fires; the work itself may go on. */
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
