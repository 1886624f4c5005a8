import { leftOpenRange } from '../promql/range-selector.js';
import { sumOverBlocks, type AlignedBlocks } from './aligned-blocks.js';
import type { RateSemantics } from './rate-window.js';

/**
 * Growth of a counter over the blocks, each taken from the last sample before it to its own last, so
 * that nothing between two blocks is missed, resets do not show, and a gap adds nothing. `even` says
 * whether the scrape interval is the same throughout.
 */
export function growth(
  selected: string,
  blocks: AlignedBlocks,
  options: {
    readonly intervalMs: number;
    readonly even: boolean;
    readonly rateSemantics: RateSemantics;
  },
): string {
  const { intervalMs, even, rateSemantics } = options;
  const range = leftOpenRange(blocks.ms + intervalMs);
  if (rateSemantics === 'between samples') {
    return sumOverBlocks((shift) => {
      const within = `${selected}${range}${shift}`;
      const grown = `increase_prometheus(${within})`;
      if (even) return grown;
      // Where samples stand closer, the range reaches further back than to the last before the block.
      const seconds = `(tlast_over_time(${within}) - tfirst_over_time(${within}))`;
      return `(${grown} * clamp_max(${blocks.ms / 1000} / ${seconds}, 1))`;
    }, blocks);
  }
  // rate() spreads over the range what grew within the block: times the block it is the growth again.
  const rate = (shift: string) => `rate(${selected}${range}${shift})`;
  return `${sumOverBlocks(rate, blocks)} * ${blocks.ms / 1000}`;
}
