import { describe, expect, it } from '@jest/globals';
import type { MetricSource, Points } from '../../ports.js';
import { createRangeQueryCache } from './range-query-cache.js';

const day = 86_400;
const today = 20_000 * day;
const signal = new AbortController().signal;

function setUp({ notes = [] as string[], maxBytes = 1_000_000, hour = 12 } = {}) {
  const clock = { seconds: today + hour * 3600 };
  const asked: [string, number, number][] = [];
  const source: MetricSource = {
    query: () => Promise.reject(new Error('not used here')),
    metricNames: () => Promise.reject(new Error('not used here')),
    labelValues: () => Promise.reject(new Error('not used here')),
    retention: () => Promise.resolve(null),
    joinsReplicas: () => Promise.resolve(false),
    clusters: () => Promise.reject(new Error('not used here')),
    samples: () => Promise.reject(new Error('not used here')),
    queryRange: (expr, { start, end, step }) => {
      asked.push([expr, start, end]);
      const times = [...Array(Math.floor((end - start) / step) + 1).keys()].map(
        (n) => start + n * step,
      );
      const row = (name: string, from: number) => {
        const own = times.filter((time) => time >= from);
        return { metric: { name, expr }, times: own, values: own.map((time) => time / day) };
      };
      return Promise.resolve({ series: [row('old', 0), row('new', today - day)], notes });
    },
  };
  const cached = createRangeQueryCache({
    source,
    clock: { now: () => clock.seconds * 1000 },
    maxBytes,
  });
  const get = (expr: string, days: number, step = day) =>
    cached.queryRange(expr, { start: today - days * day, end: today, step }, signal);
  return { asked, clock, get, ask: (points: Points) => cached.queryRange('a', points, signal) };
}

describe('steps that are over', () => {
  it('are asked once, and answered as the store would', async () => {
    const { asked, get } = setUp();
    const first = await get('a', 3);
    expect(first.series).toEqual([
      {
        metric: { name: 'old', expr: 'a' },
        times: [3, 2, 1, 0].map((n) => today - n * day),
        values: [19_997, 19_998, 19_999, 20_000],
      },
      { metric: { name: 'new', expr: 'a' }, times: [today - day, today], values: [19_999, 20_000] },
    ]);
    expect(await get('a', 3)).toEqual(first);
    expect(asked).toEqual([
      ['a', today, today],
      ['a', today - 3 * day, today - day],
    ]);
    await get('a', 4);
    expect(asked[2]).toEqual(['a', today - 4 * day, today - 4 * day]);
    await get('b', 0);
    expect(asked).toHaveLength(4);
  });

  it('are not kept while their last samples may still be on the way, nor with a note', async () => {
    const early = setUp({ hour: 0.5 });
    await early.get('a', 1);
    await early.get('a', 1);
    expect(early.asked.map(([, start]) => start)).toEqual([today, today - day, today]);
    const noted = setUp({ notes: ['partial'] });
    expect((await noted.get('a', 0)).notes).toEqual(['partial']);
    await noted.get('a', 0);
    expect(noted.asked).toHaveLength(2);
  });

  it('take no more memory than allowed', async () => {
    const { asked, get } = setUp({ maxBytes: 400 });
    await get('a', 9);
    await get('a', 9);
    expect(asked.length).toBeGreaterThan(2);
  });

  it('may be hours, but nothing shorter and nothing that does not begin at one', async () => {
    const { asked, ask } = setUp();
    const half = { start: today - 12 * 3600, end: today };
    const twice = async (step: number) => {
      for (const points of [half, half]) await ask({ ...points, step });
      return asked.length;
    };
    expect(await twice(3600)).toBe(1);
    expect(await twice(1800)).toBe(3);
    expect(await twice(5 * 3600)).toBe(5);
  });

  it('may be shorter where the query says when they settle', async () => {
    const { asked, ask } = setUp({ hour: 12 });
    const now = today + 12 * 3600;
    const points = { start: now - 900, end: now, step: 300, settlesAfter: 60 };
    for (const times of [1, 2]) {
      const { series } = await ask(points);
      expect([times, series[0]!.times]).toEqual([times, [900, 600, 300, 0].map((n) => now - n)]);
    }
    expect(asked.slice(1)).toEqual([['a', now, now]]);
    // What the window has left is forgotten.
    await ask({ ...points, start: now - 600 });
    await ask(points);
    expect(asked.slice(3)).toEqual([
      ['a', now, now],
      ['a', now - 900, now - 900],
    ]);
  });

  it('are asked once more when late samples have come, where they are short', async () => {
    const { asked, ask, clock } = setUp({ hour: 12 });
    const end = today + 12 * 3600 - 60;
    const points = {
      start: end - (end % 300),
      end: end - (end % 300),
      step: 300,
      settlesAfter: 60,
    };
    for (const minutes of [0, 4, 2, 60]) {
      clock.seconds += 60 * minutes;
      await ask(points);
    }
    expect(asked).toHaveLength(2);
  });

  it('share the label sets of the step before', async () => {
    const { ask } = setUp();
    // The second series begins with the second of these hours.
    const labels: object[][] = [];
    for (const time of [-1, 0, 1].map((n) => today - day + n * 3600)) {
      const { series } = await ask({ start: time, end: time, step: 3600 });
      labels.push(series.map(({ metric }) => metric));
    }
    expect(labels.map(({ length }) => length)).toEqual([1, 2, 2]);
    expect(labels[1]![0]).toBe(labels[0]![0]);
    expect(labels[2]!.every((own, index) => own === labels[1]![index])).toBe(true);
  });

  it('are kept for each step', async () => {
    const { asked, get } = setUp();
    await get('a', 0);
    await get('a', 0, 3600);
    expect(asked).toHaveLength(2);
  });
});

describe('points that are not kept', () => {
  it.each([
    ['of a short step', 300, 1_000_000],
    ['of any, where nothing is kept', day, 0],
  ])(
    'are read in pieces where there are many, and answered as one: %s',
    async (_what, step, maxBytes) => {
      const { asked, get } = setUp({ maxBytes });
      const { series } = await get('a', 3, step);
      expect(asked.length).toBeGreaterThan(1);
      const times = [...Array((3 * day) / step + 1).keys()].map((n) => today - 3 * day + n * step);
      expect(series.map(({ metric }) => metric)).toEqual([
        { name: 'old', expr: 'a' },
        { name: 'new', expr: 'a' },
      ]);
      expect(series[0]!.times).toEqual(times);
      expect(series[0]!.values).toEqual(times.map((time) => time / day));
      expect(series[1]!.times).toEqual(times.filter((time) => time >= today - day));
      const before = asked.length;
      await get('a', 3, step);
      expect(asked.length).toBe(2 * before);
    },
  );
});
