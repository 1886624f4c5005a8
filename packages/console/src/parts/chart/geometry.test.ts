import { expect, it } from '@jest/globals';
import { areaOf, lineOf, nearest, runsOf, scaleOf } from './geometry.js';
import { pointsOf } from './points.js';

const frame = { left: 0, right: 100, top: 0, bottom: 50 };
const scale = scaleOf(frame, { from: 0, to: 10 }, 100);

it('breaks a line where nothing was measured, and shows a point that stands alone', () => {
  const points = [
    { at: 0, value: 0 },
    { at: 2, value: 100 },
    { at: 4, value: null },
    { at: 6, value: 50 },
    { at: 8, value: null },
  ];
  const runs = runsOf(points);
  expect(runs.map((run) => lineOf(run, scale))).toEqual(['M0 50L20 0', 'M58 25h4']);
  expect(runs.map((run) => areaOf(run, scale, frame))).toEqual(['M0 50L20 0V50H0Z', '']);
});

it('finds the nearest moment', () => {
  const points = [0, 10, 20].map((at) => ({ at, value: null }));
  expect([-5, 14, 16, 99].map((at) => nearest(points, at))).toEqual([0, 1, 2, 2]);
  expect(nearest([], 0)).toBe(-1);
});

it('reads both forms of a series, with the end of an unfinished interval', () => {
  const columns = {
    form: 'columns',
    start: 100,
    step: 60,
    values: [1, null, 3],
    end: 190,
  } as const;
  expect(pointsOf({ ...columns, values: [1, null, 3] })).toEqual([
    { at: 100, value: 1 },
    { at: 160, value: null },
    { at: 190, value: 3 },
  ]);
  expect(pointsOf([{ timestamp: 5, value: 1 }])).toEqual([{ at: 5, value: 1 }]);
  expect(pointsOf(undefined)).toEqual([]);
});
