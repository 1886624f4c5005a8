import { expect, it } from '@jest/globals';
import { clip } from './target-block.js';

it.each([
  [
    'as they are',
    [
      [10, 20],
      [20, 30],
    ],
    [
      [10, 20],
      [20, 30],
    ],
  ],
  [
    'cut at both ends',
    [
      [-5, 15],
      [25, 45],
    ],
    [
      [0, 15],
      [25, 40],
    ],
  ],
  [
    'but for those outside',
    [
      [-5, -1],
      [10, 20],
      [40, 50],
    ],
    [[10, 20]],
  ],
  // Between a span of a later run and the end of an earlier one.
  ['but for those that end before they start', [[30, 10]], []],
  ['but for empty ones', [[10, 10]], []],
])('clips ranges: %s', (_how, given, clipped) => {
  const ranges = (pairs: number[][]) => pairs.map(([start = NaN, end = NaN]) => ({ start, end }));
  expect(clip(ranges(given), { start: 0, end: 40 })).toEqual(ranges(clipped));
});
