import type { Read } from '../catalogue/types.js';

/** Whether a node had a sample in the 5 minutes before the end. */
export function isReporting(read: Read): boolean {
  return read('replicas') !== null;
}

/**
 * By how much the rates of a node are too low since it came or went within the stretch they are taken
 * over: a rate is spread over the whole stretch. 1 for every other node.
 */
export function rateFactor(
  read: Read,
  { end, rateMs, intervalMs }: { end: number; rateMs: number; intervalMs: number },
): number {
  const recent = read('recent');
  const heard = read('heard');
  if (recent === null) return 1;
  const gone = heard === null || (end - heard) * 1000 > 1.5 * intervalMs;
  const young = read('before') === null;
  if (!gone && !young) return 1;
  // The sample before the stretch and half an interval after the last one belong to what was seen.
  const seen = (recent + (gone && !young ? 1.5 : 0)) * intervalMs;
  return Math.max(1, (rateMs + intervalMs) / seen);
}
