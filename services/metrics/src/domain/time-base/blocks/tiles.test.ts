import { expect, it } from '@jest/globals';
import { createSampleTimes } from '../sample-times.js';
import { meanOfTiles, type Tiles } from './tiles.js';

it('draws no line through tiles that hold the same restart', () => {
  // A counter of 197 a second, restarted once, as Prometheus 3.16 answered for ranges of 300 s of its samples.
  const times = createSampleTimes(
    [1590, 1323, 1234, 1145, 1056, 966, 878, 788, 700, 610, 521, 432, 253, 165].map(
      (age) => 3600 - age,
    ),
  );
  const growth: [end: number, increase: number, delta: number, resets: number][] = [
    [2400, 14_710, -166_737, 1],
    [2550, 48_181, -59_616, 1],
    ...[2700, 2850, 3000, 3150].map(
      (end) => [end, 59_098, 59_098, 0] as [number, number, number, 0],
    ),
    [3300, 41_937, 41_937, 0],
    [3450, 59_098, 59_098, 0],
    [3600, 35_382, 35_382, 0],
  ];
  const tiles: Tiles = {
    span: { start: 0, end: 3600 },
    length: 300,
    computed: () =>
      growth.map(([end, increase, delta, resets]) => [end, { increase, delta, resets }] as const),
  };
  const about = { key: '', times, block: tiles.span };
  const mean = meanOfTiles(tiles, 'power', about, 'extrapolated');
  expect(mean).toBeGreaterThan(189);
  expect(mean).toBeLessThan(198);
});

it('takes a tile that reaches beyond the end of the block where no other holds a pair', () => {
  // The counter began at zero, so that the growth of the whole block does not hold.
  const times = createSampleTimes([3301, 3578, 3824, 4081]);
  const tiles: Tiles = {
    span: { start: 0, end: 7048 },
    length: 600,
    computed: () => [
      [3548, { increase: undefined, delta: undefined, resets: 0 }],
      [3848, { increase: 1192, delta: 1200, resets: 0 }],
      [4148, { increase: 1200, delta: 1200, resets: 0 }],
    ],
  };
  const about = { key: '', times, block: { start: 0, end: 3600 } };
  expect(meanOfTiles(tiles, 'cpu', about, 'extrapolated')).toBeCloseTo(2, 4);
});
