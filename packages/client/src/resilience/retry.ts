import { UpstreamError } from '../errors.js';

const firstWaitMs = 100;
const longestWaitMs = 2_000;
/** A longer `Retry-After` is passed on to our caller instead of being waited for. */
const longestRetryAfterMs = 5_000;

/** Worth another attempt: the upstream was unreachable or overloaded, as far as the error says. */
export function isRetryable(error: UpstreamError): boolean {
  if (error.code === 'unreachable' || error.code === 'too_many_requests') return true;
  // A store that timed out on a query itself (503) would do so again.
  if (error.code === 'timeout') return error.status === undefined || error.status === 504;
  return error.code === 'bad_answer' && error.status === 502;
}

/** Whether an error counts towards opening the circuit breaker. */
export function isBreakerFailure(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.code === 'too_many_requests') return false;
  return isRetryable(error) || (error.code === 'bad_answer' && (error.status ?? 0) >= 500);
}

/** Exponential backoff with jitter, in milliseconds; never less than the upstream's `Retry-After`. */
export function backoffMs(tried: number, error: UpstreamError, random: () => number): number {
  const backoff = Math.min(longestWaitMs, firstWaitMs * 2 ** (tried - 1)) * (0.5 + random() / 2);
  const askedMs = (error.retryAfterSeconds ?? 0) * 1_000;
  // Infinity is past every deadline, so that the caller gets the error at once.
  return askedMs > longestRetryAfterMs ? Infinity : Math.max(backoff, askedMs);
}
