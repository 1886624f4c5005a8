import { describe, expect, it } from '@jest/globals';
import { mergeBuckets, quantile } from './quantiles.js';

const buckets = (...pairs: [number, number][]) => new Map(pairs);

describe('quantile', () => {
  it('lies on a line between the bounds of its bucket, from zero in the first', () => {
    const all = buckets([1, 10], [2, 30], [Infinity, 40]);
    expect(quantile(all, 0.125)).toBeCloseTo(0.5);
    expect(quantile(all, 0.5)).toBeCloseTo(1.5);
  });

  it('is told neither above the largest bound nor of nothing', () => {
    expect(quantile(buckets([1, 10], [Infinity, 40]), 0.5)).toBe('beyond');
    expect(quantile(buckets([1, 0], [Infinity, 0]), 0.5)).toBe('nothing');
    expect(quantile(buckets(), 0.5)).toBe('nothing');
  });

  it('survives buckets that do not ascend', () => {
    expect(quantile(buckets([1, 10], [2, 9.9], [3, 20], [Infinity, 20]), 0.75)).toBeCloseTo(2.5);
  });
});

describe('mergeBuckets', () => {
  it('adds up the bounds that all histograms have', () => {
    const merged = mergeBuckets([
      buckets([1, 1], [2, 3], [Infinity, 4]),
      buckets([2, 10], [4, 20], [Infinity, 20]),
      // One without requests does not take bounds away.
      buckets([7, 0], [Infinity, 0]),
    ]);
    expect([...merged]).toEqual([
      [2, 13],
      [Infinity, 24],
    ]);
  });
});
