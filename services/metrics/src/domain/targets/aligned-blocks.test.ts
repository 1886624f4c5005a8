import { describe, expect, it } from '@jest/globals';
import {
  growth,
  leastTileMs,
  openRange,
  shortestRateMs,
  tilesBefore,
  tilesOfStep,
} from './aligned-blocks.js';

const minute = 60_000;

describe('shortestRateMs', () => {
  it('is five minutes and four scrape intervals at least', () => {
    expect([15_000, 60_000, 75_000, 120_000].map(shortestRateMs)).toEqual([
      300_000, 300_000, 300_000, 480_000,
    ]);
  });
});

describe('tiles', () => {
  it('fill a span to its end, wherever that is', () => {
    const endMs = 1_773_156_730_000;
    for (const span of [600, 36_130, 86_400].map((seconds) => seconds * 1000)) {
      const { ms, count, shiftMs } = tilesBefore(endMs, span, 30_000);
      expect(span - ms * count).toBeLessThan(count);
      expect(ms).toBeGreaterThanOrEqual(5 * minute);
      expect((endMs - shiftMs) % ms).toBe(0);
    }
  });

  it('are one where the span is short', () => {
    expect(tilesBefore(0, 7 * minute, 30_000)).toMatchObject({ ms: 7 * minute, count: 1 });
    expect(tilesBefore(0, 30 * minute, 300_000)).toMatchObject({ count: 1 });
  });

  it('are longer in long windows, where a gap weighs little', () => {
    const week = leastTileMs(7 * 86_400_000);
    expect([leastTileMs(86_400_000) < 5 * minute, week, leastTileMs(30 * 86_400_000)]).toEqual([
      true,
      30 * minute,
      60 * minute,
    ]);
    expect(tilesOfStep(86_400_000, 30_000, week)).toMatchObject({ ms: week, count: 48 });
    expect(tilesOfStep(86_400_000, 3_600_000, week)).toMatchObject({ count: 6 });
    expect(tilesOfStep(600_000, 30_000, week)).toMatchObject({ count: 1 });
  });

  it('divide a step, so that they lie alike at each of its points', () => {
    for (const seconds of [301, 1000, 21_600, 86_400]) {
      const { ms, count } = tilesOfStep(seconds * 1000, 30_000);
      expect(ms * count).toBe(seconds * 1000);
    }
    expect(tilesOfStep(86_400_000, 30_000).count).toBe(288);
  });
});

describe('growth', () => {
  const spread = { intervalMs: 30_000, even: true, rates: 'spread' } as const;

  it('takes each tile from the sample before it, and leaves out what stands at its left end', () => {
    const tiles = { ms: 300_000, count: 2, shiftMs: 10_000 };
    expect(growth('x{a="b"}', tiles, spread)).toBe(
      'sum_over_time(rate(x{a="b"}[329999ms] offset -10000ms)[599999ms:300000ms]) * 300',
    );
  });

  it('needs no subquery for one tile', () => {
    const tile = { ms: 300_000, count: 1, shiftMs: 5 };
    expect(growth('x', tile, spread)).toBe('rate(x[329999ms]) * 300');
  });
});

describe('openRange', () => {
  it('is a millisecond short, so that both ways to count its left end are one', () => {
    expect(openRange(300_000)).toBe('[299999ms]');
  });
});
