import { describe, expect, it } from '@jest/globals';
import { decodeMatrix } from './matrix.js';
import { scanMatrix } from './matrix-scanner.js';

const grid = { start: 0, step: 1 };

function bodyOf(result: readonly unknown[], notes: object = {}): Buffer {
  const data = { resultType: 'matrix', result };
  return Buffer.from(JSON.stringify({ status: 'success', data, ...notes }));
}

const values = [
  [1_700_000_000, '1'],
  [1_700_000_060, '-1.5e-07'],
  [1_700_000_120, 'NaN'],
  [1_700_000_180, '+Inf'],
];
const result = [
  { metric: {}, values },
  { metric: { __name__: 'a', path: '"},"values":[[1,"2"]' }, values: values.slice(1, 2) },
  { metric: { 'k8s.é': '𐍈\\\n' }, values },
];

describe('the quick way to read a matrix', () => {
  it.each([
    ['of no series', []],
    ['of several, with labels that look like the end of labels', result],
  ])('finds what parsing finds: %s', (_name, series) => {
    const body = bodyOf(series);
    // A blank makes it another form, which is parsed.
    const parsed = Buffer.from(body.toString().replace('{', '{ '));
    expect(scanMatrix(body)).toHaveLength(series.length);
    expect(scanMatrix(parsed)).toBeNull();
    expect(decodeMatrix(body, grid)).toEqual(decodeMatrix(parsed, grid));
    expect(decodeMatrix(body, grid).ok).toBe(true);
  });

  it('takes the line end of a store for none', () => {
    expect(scanMatrix(Buffer.concat([bodyOf(result), Buffer.from('\n')]))).toHaveLength(3);
  });

  const histogram = { metric: { a: 'b' }, histograms: [[1, { count: '1', sum: '1' }]] };
  it.each([
    ['notes', bodyOf(result, { infos: ['x'] })],
    ['warnings', bodyOf(result, { warnings: ['x'] })],
    ['a native histogram first', bodyOf([histogram, ...result])],
    ['a native histogram last', bodyOf([...result, histogram])],
    ['a native histogram beside floats', bodyOf([{ ...histogram, values }, ...result])],
    ['floats beside a native histogram', bodyOf([{ metric: {}, values, histograms: [] }])],
    ['fractions of seconds', bodyOf([{ metric: {}, values: [[1.5, '1']] }])],
    ['times before 1970', bodyOf([{ metric: {}, values: [[-1, '1']] }])],
    ['values that are no numbers', bodyOf([{ metric: {}, values: [[1, '"']] }])],
    ['values without a sign', bodyOf([{ metric: {}, values: [[1, '']] }])],
    ['no points', bodyOf([{ metric: {}, values: [] }])],
    ['a vector', Buffer.from('{"status":"success","data":{"resultType":"vector","result":[]}}')],
  ])('leaves to parsing what has %s', (_name, body) => {
    expect(scanMatrix(body)).toBeNull();
  });

  it('reads nothing that breaks off or goes on', () => {
    const body = bodyOf(result);
    const cut = Array.from({ length: body.length }, (_, length) => body.subarray(0, length));
    expect(cut.filter((piece) => scanMatrix(piece) !== null)).toEqual([]);
    expect(scanMatrix(Buffer.concat([body, Buffer.from('}')]))).toBeNull();
  });
});
