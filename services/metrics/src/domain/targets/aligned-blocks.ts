import { shortestRateWindowMs } from './rate-window.js';

/**
 * How a range of a counter is divided: in `count` blocks of `ms` each, the last of which ends `shiftMs`
 * after a multiple of `ms`.
 */
export interface AlignedBlocks {
  readonly ms: number;
  readonly count: number;
  readonly shiftMs: number;
}

/**
 * Shortest block that is worth its cost to the store in a window of that length (ms): a gap in the
 * middle of a block shows in a mean by at most a third of a percent of the window.
 */
export function shortestBlockMs(windowMs: number): number {
  return Math.min(3_600_000, Math.floor(windowMs / 336));
}

/** Blocks that fill the `rangeMs` before `endMs`. */
export function blocksBefore(endMs: number, rangeMs: number, intervalMs: number): AlignedBlocks {
  const count = Math.max(1, Math.floor(rangeMs / shortestRateWindowMs(intervalMs)));
  const ms = Math.floor(rangeMs / count);
  return { ms, count, shiftMs: endMs % ms };
}

/**
 * Blocks that fill every step of a range query whose points are multiples of the step; none shorter
 * than `leastMs`, if there is room.
 */
export function blocksOfStep(stepMs: number, intervalMs: number, leastMs = 0): AlignedBlocks {
  const shortest = Math.max(leastMs, shortestRateWindowMs(intervalMs));
  let count = Math.max(1, Math.floor(stepMs / shortest));
  while (stepMs % count !== 0) count -= 1;
  return { ms: stepMs / count, count, shiftMs: 0 };
}

/**
 * Adds up `of` over the blocks; the evaluation times of a subquery are multiples of its resolution, here
 * the length of a block.
 */
export function sumOverBlocks(
  of: (shift: string) => string,
  { ms, count, shiftMs }: AlignedBlocks,
): string {
  if (count === 1) return of('');
  const shift = shiftMs === 0 ? '' : ` offset -${shiftMs}ms`;
  return `sum_over_time(${of(shift)}[${ms * count - 1}ms:${ms}ms])`;
}
