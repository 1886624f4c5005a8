import type { Read } from '../metrics/types.js';
import type { Rates } from '../targets/aligned-blocks.js';

/** Whether a node had a sample in the 5 minutes before the end. */
export function isReporting(read: Read): boolean {
  return read('replicas') !== null;
}

/**
 * By how much the rates of a node are too low since it came or went within the stretch they are taken
 * over: the store spreads over the whole stretch what grew while the node was seen, and half an
 * interval beyond. 1 for every other node, and where the store does not spread.
 */
export function rateFactor(
  read: Read,
  about: { end: number; rateMs: number; intervalMs: number; rates: Rates },
): number {
  const { end, rateMs, intervalMs } = about;
  if (about.rates === 'between samples') return 1;
  const recent = read('recent');
  const heard = read('heard');
  if (recent === null || heard === null) return 1;
  const ageMs = (end - heard) * 1000;
  const gone = ageMs > 1.5 * intervalMs;
  const young = read('before') === null;
  if (!gone && !young) return 1;
  const stretch = rateMs + intervalMs;
  const beyond = gone ? intervalMs / 2 : ageMs;
  const seen = young ? (recent - 0.5) * intervalMs : stretch - ageMs;
  return Math.max(1, stretch / (seen + beyond));
}
