import { describe, expect, it } from '@jest/globals';
import { constant, meanOver, scaled, switched, wave } from './signal.js';
import type { Signal } from './signal.js';

const START = 1_795_370_000;
const DAY = 86_400;

/** The area under `at`, by rectangles of ten seconds. */
function measured(signal: Signal, from: number, to: number): number {
  let area = 0;
  for (let t = from + 5; t < to; t += 10) area += 10 * signal.at(t);
  return area;
}

describe('signals', () => {
  const busy = wave({ mean: 0.4, daily: 0.4, wobble: 0.2 }, 'node');
  const hot = switched(START + 3600, busy, wave({ mean: 0.9, daily: 0.01, wobble: 0.01 }, 'hot'));

  it.each([
    ['a constant', constant(3)],
    ['a wave', busy],
    ['a wave that is scaled and lifted', scaled(busy, 9, 12)],
    ['a wave that turns into another', hot],
  ])('%s has the integral of its values', (_name, signal) => {
    const area = signal.integral(START + 2 * 3600) - signal.integral(START);
    expect(area / measured(signal, START, START + 2 * 3600)).toBeCloseTo(1, 4);
  });

  it('keeps a wave above zero and its long-term mean where it was asked to be', () => {
    const values = Array.from({ length: 7 * 288 }, (_, index) => busy.at(START + index * 300));
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(meanOver(busy, 28 * DAY, START)).toBeCloseTo(0.4, 2);
  });

  it('is highest at its peak hour', () => {
    const plain = wave({ mean: 1, daily: 0.5, wobble: 0, peakHour: 14 }, 'calm');
    const midnight = Math.floor(START / DAY) * DAY;
    const hours = Array.from({ length: 24 }, (_, hour) => plain.at(midnight + hour * 3600));
    expect(hours.indexOf(Math.max(...hours))).toBe(14);
  });

  it('does not jump where one signal takes over from another', () => {
    const at = START + 3600;
    expect(hot.integral(at + 0.001) - hot.integral(at - 0.001)).toBeCloseTo(0, 2);
  });

  it('refuses a wave that would fall below zero', () => {
    expect(() => wave({ mean: 1, daily: 0.8 }, 'deep')).toThrow('above zero');
  });
});
