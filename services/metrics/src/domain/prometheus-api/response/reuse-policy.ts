import { isComplete } from './response-cache.js';

/** A refused query, or one whose response is too large, is not sent again for so long, ms. */
export const refusedTtlMs = 10_000;

/** Newest points of a coarse range are reused for its step, at most so many times `freshMs`. */
const maxFreshFactor = 6;
/** A response says within so many bytes that it is an error, or has no series. */
const headBytes = 200;

/**
 * How long a response may be reused, ms; 0 for never. `stepSeconds` is that of a range query, `freshMs`
 * how long instant and other responses are reused. What was encoded here from extents is known to be complete.
 */
export function reuseTtlMs(
  { status, body }: { status: number; body: Buffer },
  options: { stepSeconds: number | undefined; freshMs: number; isEncodedHere: boolean },
): number {
  const { stepSeconds, freshMs, isEncodedHere } = options;
  if (status >= 500) return 0;
  if (status !== 200) return refusedTtlMs;
  if (!isEncodedHere && !isComplete(body)) return 0;
  const head = body.subarray(0, headBytes);
  // Some proxies and stores tell of failures with a 200.
  if (head.includes('"status":"error"')) return 0;
  const isEmpty = head.includes('"result":[]');
  if (stepSeconds === undefined || isEmpty) return freshMs;
  return Math.max(freshMs, Math.min(stepSeconds * 1000, maxFreshFactor * freshMs));
}
