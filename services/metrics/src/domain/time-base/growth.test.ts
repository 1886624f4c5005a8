import { expect, it } from '@jest/globals';
import { grownIn, type ComputedGrowth } from './growth.js';

const samples = { count: 7 };

it.each<[string, ComputedGrowth, number | undefined]>([
  ['cut at zero', { increase: 110, delta: 120, resets: 0 }, 120],
  ['extrapolated further to zero', { increase: 128, delta: 120, resets: 0 }, 120],
  ['not at all', { increase: 0, delta: 0, resets: 0 }, 0],
  ['with a reset', { increase: 900, delta: -300, resets: 1 }, 900],
  // 6624, 15262, ... 49750, 7067: as Thanos counts.
  ['with a reset that the store does not count', { increase: 58558, delta: 516, resets: 0 }, 58558],
  ['with nothing else known', { increase: 5, delta: undefined, resets: undefined }, 5],
  ['by its delta alone', { increase: undefined, delta: 5, resets: 0 }, 5],
])('tells what a counter grew that may begin near zero: %s', (_how, computed, grown) => {
  expect(grownIn(samples, computed)).toBe(grown);
});
