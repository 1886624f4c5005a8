import { describe, expect, it } from '@jest/globals';
import { uncacheableReason } from './cacheability.js';
import { createExtentCache, missingRanges, pointRangeOf, type Extent } from './extents.js';
import { decodeMatrix } from './matrix.js';

const at = (query: string, times: object = {}) => ({
  query,
  start: 0,
  end: 600,
  step: 60,
  ...times,
});

describe('queries whose points depend on more than their own time', () => {
  it.each<[string, string]>([
    ['up @ 100', 'the query has an @ modifier'],
    ['up@end()', 'the query has an @ modifier'],
    ['up offset -5m', 'the query may look ahead'],
    ['up offset  - 5m', 'the query may look ahead'],
    ['up OFFSET -5m', 'the query may look ahead'],
    ['up offset (5m - 1h)', 'the query may look ahead'],
    ['up offset min_of(-5m, 1m)', 'the query may look ahead'],
    ['rate(x[5m] smoothed)', 'the query may look ahead'],
    ['up offset # later\n -5m', 'the query has a comment'],
    ['sum_over_time(x[step()])', 'the query reads its own range'],
    ['x[range () / 2]', 'the query reads its own range'],
    ['x{a="@"}', 'the query has an @ modifier'],
  ])('are asked as a whole: %s', (query, why) => {
    expect(uncacheableReason(at(query))).toBe(why);
  });

  it.each([
    'rate(x{a="b"}[5m] offset 1h30m) - y offset 5m - 1',
    'ranger + bender + stepper(x)',
    'last_over_time(x[1h:1m])',
  ])('are not: %s', (query) => {
    expect(uncacheableReason(at(query))).toBeNull();
  });

  it.each([{ start: 0.5 }, { step: 0.5 }])('are those whose times are not whole: %j', (times) => {
    expect(uncacheableReason(at('up', times))).toBe('times are not whole seconds');
  });
});

describe('what is missing beside an extent from 100 to 200', () => {
  const extent: Extent = { start: 100, end: 200, since: 0, parts: [], infos: [] };
  const head = { start: 50, end: 90 };
  const tail = { start: 210, end: 250 };
  it.each([
    ['nothing of it', { start: 100, end: 200 }, []],
    ['nothing of a part', { start: 150, end: 160 }, []],
    ['the head', { start: 50, end: 150 }, [head]],
    ['the tail', { start: 150, end: 250 }, [tail]],
    ['both', { start: 50, end: 250 }, [head, tail]],
    ['all that is before', { start: 50, end: 90 }, null],
    ['all that is after', { start: 210, end: 250 }, null],
    [
      'one point at either seam',
      { start: 90, end: 210 },
      [
        { start: 90, end: 90 },
        { start: 210, end: 210 },
      ],
    ],
  ])('is %s', (_name, span, missing) => {
    expect(missingRanges(extent, span, 10)).toEqual(missing);
  });
});

it('ends a span at its last point', () => {
  expect(pointRangeOf({ ...at('up'), start: 5, end: 124 })).toEqual({ start: 5, end: 65 });
  expect(pointRangeOf({ ...at('up'), start: 5, end: 125 })).toEqual({ start: 5, end: 125 });
});

describe('keeping', () => {
  const range = at('up', { start: 1000, end: 1300 });

  function start(options: { maxBytes?: number; extentSeconds?: number } = {}) {
    const clock = { ms: 1_800_000, now: () => clock.ms };
    const extents = createExtentCache({
      clock,
      maxBytes: 100_000,
      settledAfterSeconds: 600,
      extentSeconds: 900,
      ...options,
    });
    const values = [1000, 1060, 1120, 1180, 1240, 1300].map((time) => [time, 'x'.repeat(50)]);
    const result = [{ metric: { a: 'b' }, values }];
    const data = { resultType: 'matrix', result };
    const read = decodeMatrix(Buffer.from(JSON.stringify({ status: 'success', data })), range);
    if (!read.ok) throw new Error(read.reason);
    const keep = (since: number, scope = 'a') =>
      extents.set(scope, range, {
        ...pointRangeOf(range),
        since,
        at: clock.ms,
        parts: [{ ...pointRangeOf(range), matrix: read.matrix }],
        infos: read.infos,
      });
    return { clock, extents, keep };
  }

  it('keeps points up to the last that is ten minutes old', () => {
    const { extents, keep } = start();
    keep(1800);
    expect(extents.get('a', range)).toMatchObject({ start: 1000, end: 1180 });
    const [part] = extents.get('a', range)?.parts ?? [];
    expect([...(part?.matrix.values() ?? [])][0]?.times).toHaveLength(4);
  });

  it('adds parts without copying those that are kept, and joins them when they are many', () => {
    const { clock, extents } = start({ extentSeconds: 9000 });
    const matrixAt = (time: number) => {
      const data = { resultType: 'matrix', result: [{ metric: {}, values: [[time, '1']] }] };
      const read = decodeMatrix(Buffer.from(JSON.stringify({ status: 'success', data })), range);
      if (!read.ok) throw new Error(read.reason);
      return { start: time, end: time, matrix: read.matrix };
    };
    const counts: (number | undefined)[] = [];
    for (let end = 1000; end < 1000 + 12 * 60; end += 60) {
      clock.ms = (end + 600) * 1000;
      const known = extents.get('a', range)?.parts ?? [];
      const parts = [...known, matrixAt(end)];
      extents.set('a', range, { start: 1000, end, since: 1600, at: clock.ms, parts, infos: [] });
      counts.push(extents.get('a', range)?.parts.length);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4]);
    const [joined] = extents.get('a', range)?.parts ?? [];
    expect(joined).toMatchObject({ start: 1000, end: 1480 });
    expect([...(joined?.matrix.values() ?? [])][0]?.times).toHaveLength(9);
  });

  it('keeps nothing that is younger', () => {
    const { clock, extents, keep } = start();
    clock.ms = 1_599_000;
    keep(1599);
    expect(extents.hasSettled(1000, clock.ms)).toBe(false);
    expect(extents.get('a', range)).toBeUndefined();
  });

  it('drops all of it when its oldest part is too old', () => {
    const { clock, extents, keep } = start();
    keep(1200);
    clock.ms = 2_099_000;
    expect(extents.get('a', range)).toBeDefined();
    clock.ms = 2_101_000;
    expect(extents.get('a', range)).toBeUndefined();
    keep(1200);
    expect(extents.get('a', range)).toBeUndefined();
  });

  it('keeps apart scopes, queries, steps and grids', () => {
    const { extents, keep } = start();
    keep(1800);
    expect(extents.get('b', range)).toBeUndefined();
    expect(extents.get('a', { ...range, query: 'down' })).toBeUndefined();
    expect(extents.get('a', { ...range, step: 30 })).toBeUndefined();
    expect(extents.get('a', { ...range, start: 1001 })).toBeUndefined();
    expect(extents.get('a', { ...range, start: 940, end: 5000 })).toBeDefined();
  });

  it('stays within its bytes', () => {
    const { extents, keep } = start({ maxBytes: 3000 });
    for (const scope of ['a', 'b', 'c', 'd']) keep(1800, scope);
    expect(extents.bytes).toBeLessThanOrEqual(3000);
    expect(extents.get('a', range)).toBeUndefined();
    expect(extents.get('d', range)).toBeDefined();
  });

  it('keeps nothing where it may live for no time', () => {
    const { extents, keep } = start({ extentSeconds: 0 });
    keep(1800);
    expect(extents.get('a', range)).toBeUndefined();
  });
});
