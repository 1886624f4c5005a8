import type { ValueAt } from '../../../stack/src/fleet/index.js';

/** The samples of a value: one every `interval` from `start` on, the times Unix seconds. */
export interface Sampled {
  readonly start: number;
  readonly interval: number;
}

/** Mean of the samples in `(from, to]`, worked out sample by sample. */
export function meanOf(
  value: ValueAt,
  from: number,
  to: number,
  { start, interval }: Sampled,
): number {
  let sum = 0;
  let count = 0;
  for (let t = start; t <= to; t += interval) {
    const sample = t > from ? value(t - start, t) : undefined;
    if (sample === undefined) continue;
    sum += sample;
    count += 1;
  }
  return sum / count;
}

/** What a counter grew in `(from, to]`: steps down are resets, and count from zero. */
export function growthOf(
  value: ValueAt,
  from: number,
  to: number,
  { start, interval }: Sampled,
): number {
  let growth = 0;
  let before: number | undefined;
  for (let t = start; t <= to; t += interval) {
    const sample = value(t - start, t);
    if (sample === undefined) continue;
    if (before !== undefined && t > from) growth += sample < before ? sample : sample - before;
    before = sample;
  }
  return growth;
}
