import { describe, expect, it } from '@jest/globals';
import { leftOpenRange } from '../promql/range-selector.js';
import { blocksBefore, blocksOfStep, shortestBlockMs } from './aligned-blocks.js';
import { growth } from './growth.js';
import { shortestRateWindowMs } from './rate-window.js';

const minute = 60_000;

describe('shortestRateWindowMs', () => {
  it('is five minutes and four scrape intervals at least', () => {
    expect([15_000, 60_000, 75_000, 120_000].map(shortestRateWindowMs)).toEqual([
      300_000, 300_000, 300_000, 480_000,
    ]);
  });
});

describe('blocks', () => {
  it('fill a range to its end, wherever that is', () => {
    const endMs = 1_773_156_730_000;
    for (const rangeMs of [600, 36_130, 86_400].map((seconds) => seconds * 1000)) {
      const { ms, count, shiftMs } = blocksBefore(endMs, rangeMs, 30_000);
      expect(rangeMs - ms * count).toBeLessThan(count);
      expect(ms).toBeGreaterThanOrEqual(5 * minute);
      expect((endMs - shiftMs) % ms).toBe(0);
    }
  });

  it('are one where the range is short', () => {
    expect(blocksBefore(0, 7 * minute, 30_000)).toMatchObject({ ms: 7 * minute, count: 1 });
    expect(blocksBefore(0, 30 * minute, 300_000)).toMatchObject({ count: 1 });
  });

  it('are longer in long windows, where a gap weighs little', () => {
    const week = shortestBlockMs(7 * 86_400_000);
    expect([
      shortestBlockMs(86_400_000) < 5 * minute,
      week,
      shortestBlockMs(30 * 86_400_000),
    ]).toEqual([true, 30 * minute, 60 * minute]);
    expect(blocksOfStep(86_400_000, 30_000, week)).toMatchObject({ ms: week, count: 48 });
    expect(blocksOfStep(86_400_000, 3_600_000, week)).toMatchObject({ count: 6 });
    expect(blocksOfStep(600_000, 30_000, week)).toMatchObject({ count: 1 });
  });

  it('divide a step, so that they lie alike at each of its points', () => {
    for (const seconds of [301, 1000, 21_600, 86_400]) {
      const { ms, count } = blocksOfStep(seconds * 1000, 30_000);
      expect(ms * count).toBe(seconds * 1000);
    }
    expect(blocksOfStep(86_400_000, 30_000).count).toBe(288);
  });
});

describe('growth', () => {
  const options = { intervalMs: 30_000, even: true, rateSemantics: 'extrapolated' } as const;

  it('takes each block from the sample before it, and leaves out what stands at its left end', () => {
    const blocks = { ms: 300_000, count: 2, shiftMs: 10_000 };
    expect(growth('x{a="b"}', blocks, options)).toBe(
      'sum_over_time(rate(x{a="b"}[329999ms] offset -10000ms)[599999ms:300000ms]) * 300',
    );
  });

  it('needs no subquery for one block', () => {
    const block = { ms: 300_000, count: 1, shiftMs: 5 };
    expect(growth('x', block, options)).toBe('rate(x[329999ms]) * 300');
  });
});

describe('leftOpenRange', () => {
  it('is a millisecond short, so that both ways to count its left end are one', () => {
    expect(leftOpenRange(300_000)).toBe('[299999ms]');
  });
});
