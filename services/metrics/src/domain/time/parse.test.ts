import { expect, it } from '@jest/globals';
import { rfc3339Seconds } from './parse.js';

it.each([
  ['2026-11-29T16:25:00Z', 0],
  ['2026-11-29T16:25:00.5Z', 0.5],
  ['2026-11-29T17:25:00.250+01:00', 0.25],
  ['2026-11-29t16:25:00.000001z', 0.000001],
])('reads %s with its fraction', (text, fraction) => {
  expect(rfc3339Seconds(text)).toBeCloseTo(Date.UTC(2026, 10, 29, 16, 25) / 1000 + fraction, 5);
});
