import { leftOpenRange } from '../promql/range-selector.js';
import { sumOverBlocks, type AlignedBlocks } from './aligned-blocks.js';

/** Whose coverage: of each series, of any, or of those that an aggregation makes one. */
export type CoverageOf = 'each' | 'any' | `max by (${string})`;

/** How the seconds of a block follow from its samples. */
interface Coverage {
  readonly intervalMs: number;
  /**
   * Whether the interval is the same throughout. Where it is not, a series is held against the one
   * that has the most samples in the block.
   */
  readonly even: boolean;
  /**
   * Whether it is asked for each series, when any of them had samples, or of series that an
   * aggregation (`max by (instance)`) makes one.
   */
  readonly of: CoverageOf;
}

/**
 * Seconds of the blocks in which a series had samples: from each to the next, as its growth is. A block
 * that lacks one or two is covered whole, as the counter went on meanwhile.
 */
export function coverage(
  selected: string,
  blocks: AlignedBlocks,
  { intervalMs, even, of }: Coverage,
): string {
  const range = leftOpenRange(blocks.ms + intervalMs);
  const steps = blocks.ms / intervalMs;
  const enough = of === 'any' ? 1 : Math.max(1, steps - Math.max(1.5, steps / 20));
  const known = even || of === 'any';
  // Every operation here is done for each series in each block: as few as possible, the rest outside.
  const share = (shift: string) => {
    const each = `count_over_time(${selected}${range}${shift})`;
    const count = of === 'each' ? each : `${of === 'any' ? 'max' : of} (${each})`;
    if (known) return `clamp_max(${count} - 1, ${enough})`;
    return `clamp_max((${count} - 1) / (0.85 * (scalar(max(${each})) - 1)), 1)`;
  };
  return `${sumOverBlocks(share, blocks)} * ${blocks.ms / 1000 / (known ? enough : 1)}`;
}
