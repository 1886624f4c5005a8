import { describe, expect, it } from '@jest/globals';
import { demoPlan, evenPlan } from './history-plan.js';
import type { HistoryPlan } from './history-plan.js';
import type { Tier } from '../types.js';

const HOUR = 3600;
const NOW = 20_780 * 86_400; // a multiple of every distance

/** All times of a tier, oldest first. */
function allTimes(plan: HistoryPlan, tier: Tier): number[] {
  return [...plan.slices]
    .sort((a, b) => a.start - b.start)
    .flatMap((slice) => plan.times(tier, slice));
}

/** The longest distance between adjacent samples that are at most `hours` old. */
function longestGap(times: readonly number[], hours: number): number {
  const recent = [...times.filter((t) => t >= NOW - hours * HOUR), NOW];
  return Math.max(...recent.slice(1).map((t, index) => t - recent[index]!));
}

describe('demoPlan', () => {
  const plan = demoPlan(NOW);

  it('cuts without a gap, without an overlap, and only where blocks end', () => {
    const slices = [...plan.slices].sort((a, b) => a.start - b.start);
    expect(slices.map(({ start }) => start)).toEqual([
      NOW - 61 * 24 * HOUR,
      ...slices.slice(0, -1).map(({ end }) => end),
    ]);
    expect(slices.at(-1)?.end).toBe(NOW + 1);
    for (const { start, end, blockHours } of slices) {
      const block = (t: number) => Math.floor(t / (blockHours * HOUR));
      expect(block(end - 1)).toBe(block(start));
    }
  });

  it.each<Tier>(['core', 'node', 'detail', 'workload', 'state'])(
    'never gives a %s time twice',
    (tier) => {
      const times = allTimes(plan, tier);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
      expect(times.at(-1)).toBeLessThanOrEqual(NOW);
    },
  );

  it.each<[Tier, number, number]>([
    ['core', 50, 60],
    ['core', 61 * 24, 300],
    ['node', 50, 60],
    ['node', 61 * 24, 24 * HOUR],
    ['detail', 13, 60],
    ['detail', 61 * 24, 24 * HOUR],
    ['workload', 13, 60],
    ['state', 3, 60],
  ])('has %s samples of the last %d h at most %d s apart', (tier, hours, seconds) => {
    expect(longestGap(allTimes(plan, tier), hours)).toBeLessThanOrEqual(seconds);
  });

  it('reaches back far enough to compare a month with the one before', () => {
    expect(allTimes(plan, 'core')[0]).toBeLessThan(NOW - 60 * 24 * HOUR);
  });
});

describe('evenPlan', () => {
  it('has one distance throughout', () => {
    const plan = evenPlan({ now: NOW, days: 1, interval: 30 });
    const times = allTimes(plan, 'workload');
    expect(times).toHaveLength(2881);
    expect(longestGap(times, 24)).toBe(30);
  });
});
