import { describe, expect, it } from '@jest/globals';
import { encodeMatrices, joinMatrices } from './matrix-join.js';
import { decodeMatrix, matrixBytes, type Matrix } from './matrix.js';

type Values = [number, string][];
const grid = { start: 100, step: 10 };

const bodyOf = (result: unknown, notes: object = {}) =>
  Buffer.from(
    JSON.stringify({ status: 'success', data: { resultType: 'matrix', result }, ...notes }),
  );

function matrixOf(result: Record<string, Values>): Matrix {
  const series = Object.entries(result).map(([name, values]) => ({ metric: { name }, values }));
  const read = decodeMatrix(bodyOf(series), grid);
  if (!read.ok) throw new Error(read.reason);
  return read.matrix;
}

const always = { start: -Infinity, end: Infinity };
const printed = (matrix: Matrix): unknown =>
  JSON.parse(encodeMatrices([matrix], always, []).toString());
const resultOf = (matrix: Matrix) =>
  (
    printed(matrix) as { data: { result: { metric: { name: string }; values: Values }[] } }
  ).data.result.map(({ metric, values }) => [metric.name, values.map(([time]) => time)]);

describe('reading and printing', () => {
  it('gives back what the store sent, text for text', () => {
    const values: Values = [
      [100, '1'],
      [110, 'NaN'],
      [130, '+Inf'],
      [140, '-1.5e-07'],
    ];
    const series = [
      { metric: { __name__: 'up', path: 'a"\\b\né𐍈', '': '' }, values },
      { metric: {}, values: [[120, '0']] as Values },
    ];
    const infos = ['PromQL info: metric might not be a counter (1:6)'];
    const body = bodyOf(series, { infos });
    const read = decodeMatrix(body, grid);
    expect(read.ok && encodeMatrices([read.matrix], always, read.infos)).toEqual(body);
  });

  it('prints nothing as an empty result', () => {
    expect(encodeMatrices([new Map()], always, [])).toEqual(bodyOf([]));
  });

  it.each<[string, Buffer]>([
    ['it has warnings', bodyOf([], { warnings: ['cut'] })],
    ['it is partial', bodyOf([], { isPartial: true })],
    ['it has native histograms', bodyOf([{ metric: {}, histograms: [] }])],
    [
      'it is no matrix',
      Buffer.from('{"status":"success","data":{"resultType":"vector","result":[]}}'),
    ],
    ['it is no matrix', Buffer.from('{"status":"error","errorType":"x","error":"y"}')],
    ['it cannot be read', Buffer.from('{"status":"succ')],
    ['it cannot be read', Buffer.from('null')],
    ['it cannot be read', bodyOf([{ metric: null, values: [] }])],
    [
      'its points are not where they were asked for',
      bodyOf([{ metric: {}, values: [[105, '1']] }]),
    ],
    [
      'its points are not where they were asked for',
      bodyOf([{ metric: {}, values: [[110, '"']] }]),
    ],
  ])('does not read what may not be kept: %s', (reason, body) => {
    expect(decodeMatrix(body, grid)).toEqual({ ok: false, reason });
  });

  it('takes empty notes for none', () => {
    expect(decodeMatrix(bodyOf([], { warnings: [], isPartial: false }), grid).ok).toBe(true);
    expect(decodeMatrix(bodyOf([], { warnings: null, infos: null }), grid).ok).toBe(true);
  });
});

describe('joining', () => {
  const times = (...all: number[]): Values => all.map((time) => [time, String(time)]);
  const early = matrixOf({ b: times(100, 110, 120), d: times(110) });
  const late = matrixOf({ a: times(140), b: times(130, 140), d: times(150) });

  it('puts the points of a series in order, and series in the order of their labels', () => {
    const joined = joinMatrices([early, late], { start: 100, end: 200 });
    expect(resultOf(joined)).toEqual([
      ['a', [140]],
      ['b', [100, 110, 120, 130, 140]],
      ['d', [110, 150]],
    ]);
  });

  it('cuts to the span, and leaves out series without points in it', () => {
    expect(resultOf(joinMatrices([early, late], { start: 120, end: 130 }))).toEqual([
      ['b', [120, 130]],
    ]);
    expect(resultOf(joinMatrices([early], { start: 111, end: 119 }))).toEqual([]);
  });

  it('keeps the texts of cut points whole', () => {
    const cut = joinMatrices([early], { start: 110, end: 110 });
    expect(printed(cut)).toEqual(
      JSON.parse(
        bodyOf([
          { metric: { name: 'b' }, values: [[110, '110']] },
          { metric: { name: 'd' }, values: [[110, '110']] },
        ]).toString(),
      ),
    );
  });

  it('sorts as Prometheus does: by name, then value, in the order of UTF-8 bytes', () => {
    const labels = [
      { a: '1' },
      { a: '1', b: '1' },
      { a: '1 2' },
      { a: '10' },
      { a: '\uffff' },
      { a: '𐍈' },
      { aa: '' },
    ];
    const rows = labels.map((metric) => ({ metric, values: [[100, '1']] }));
    const one = decodeMatrix(bodyOf(rows.slice(0, 1)), grid);
    const others = decodeMatrix(bodyOf([...rows.slice(1)].reverse()), grid);
    if (!one.ok || !others.ok) throw new Error('not read');
    const joined = joinMatrices([one.matrix, others.matrix], { start: 100, end: 100 });
    expect([...joined.values()].map(({ metric }) => metric)).toEqual(labels);
  });

  it('leaves the order of the store where no series is new', () => {
    const odd = matrixOf({ z: times(100), a: times(100) });
    const more = matrixOf({ a: times(110), z: times(110) });
    expect(
      resultOf(joinMatrices([odd, more], { start: 0, end: 999 })).map(([name]) => name),
    ).toEqual(['z', 'a']);
  });
});

it('counts at least the bytes of its points', () => {
  const matrix = matrixOf({
    a: Array.from({ length: 1000 }, (_, index) => [100 + 10 * index, '1']),
  });
  expect(matrixBytes(matrix)).toBeGreaterThan(1000 * (12 + '[100,"1"],'.length));
  expect(matrixBytes(matrix)).toBeLessThan(40_000);
});
