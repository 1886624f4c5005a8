import { expect, it } from '@jest/globals';
import { createSampleTimes } from '../sample-times.js';
import { tileLength } from './tile-length.js';

const span = { start: 0, end: 3600 };
const every = (interval: number, from: number, to: number) =>
  Array.from(
    { length: Math.floor((to - from) / interval) + 1 },
    (_, index) => from + index * interval,
  );

it('is short where short tiles hold nearly all, and long where the short ones hold little', () => {
  const steady = createSampleTimes([...every(60, 0, 1200), ...every(60, 2400, 3600)]);
  expect(tileLength(span, span, steady, true)).toBe(150);
  // Most scrapes were lost: the few pairs that are near are 60 s apart, the others further than a short tile reaches.
  const lossy = createSampleTimes([...every(60, 0, 600), 840, 1080, 1320, 1560, 1800, 2400]);
  expect(tileLength(span, { start: 600, end: 3600 }, lossy, true)).toBeGreaterThan(150);
  expect(tileLength(span, { start: 0, end: 600 }, lossy, true)).toBe(150);
});

it('is the longest where none may be fine, and not longer than the span', () => {
  const steady = createSampleTimes(every(60, 0, 3600));
  expect(tileLength(span, span, steady, false)).toBe(600);
  expect(tileLength({ start: 0, end: 300 }, { start: 0, end: 300 }, steady, false)).toBe(300);
});
