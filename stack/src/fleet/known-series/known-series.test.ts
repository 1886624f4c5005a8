import { describe, expect, it } from '@jest/globals';
import { constant, loadSeries, ramp, series, steps, without } from './known-series.js';
import type { KnownSeries, ValueAt } from './known-series.js';

function at(values: ValueAt, ...elapsed: number[]): (number | undefined)[] {
  return elapsed.map((seconds) => values(seconds, 1000 + seconds));
}

describe('values', () => {
  it('can be constant', () => {
    expect(at(constant(7), 0, 99)).toEqual([7, 7]);
  });

  it('can grow', () => {
    expect(at(ramp(2, { from: 10 }), 0, 5)).toEqual([10, 20]);
  });

  it('can begin anew at each reset', () => {
    expect(at(ramp(2, { from: 10, resets: [60, 90] }), 59, 60, 80, 100)).toEqual([128, 0, 40, 20]);
  });

  it('can go by steps, with nothing before the first', () => {
    const values = steps([
      [30, 1],
      [60, 5],
    ]);
    expect(at(values, 0, 30, 59, 60)).toEqual([undefined, 1, 1, 5]);
  });

  it('can have gaps', () => {
    expect(at(without([[30, 60]], constant(1)), 29, 30, 59, 60)).toEqual([
      1,
      undefined,
      undefined,
      1,
    ]);
  });
});

describe('loadSeries', () => {
  const load = (...all: KnownSeries[]) =>
    loadSeries({
      series: all,
      start: 0,
      end: 60,
      interval: 30,
      dataDirectory: '/nonexistent/never-made',
      promtool: '/nonexistent/promtool',
    });

  it('refuses two series of one identity, whatever the order of their labels', async () => {
    const first = series('up', { a: '1', b: '2' }, '1x2');
    const again = series('up', { b: '2', a: '1' }, '0x2');
    await expect(load(first, again)).rejects.toThrow('up{a="1",b="2"} is there twice');
  });

  it('refuses values that would be cut off', async () => {
    await expect(load(series('up', {}, '1x3'))).rejects.toThrow('up has 4 values, but only 3 fit');
  });
});
