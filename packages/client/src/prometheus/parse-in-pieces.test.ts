import { describe, expect, it } from '@jest/globals';
import { parseInPieces } from './parse-in-pieces.js';

/** Labels that hold whatever separates series, as far as text can. */
const hostile = ['},{"metric":', '"]}]', '"]]}]', '"result":[', '\\', '"]]}', '', 'é\u2028😀'];
const series = Array.from({ length: 2000 }, (_, index) => ({
  metric: { __name__: 'up', odd: hostile[index % hostile.length], index: String(index) },
}));
const vector = series.map((one, index) => ({ ...one, value: [17e8, String(index)] }));
const matrix = series.map((one, index) => ({
  ...one,
  values: [
    [17e8, String(index)],
    [17e8 + 60, 'NaN'],
  ],
}));
const histogram = { metric: {}, histograms: [[1, { count: '1', buckets: [] }]] };

interface Response {
  data: { result: Iterable<unknown> };
}

/** The whole value, and whether it was parsed in pieces. */
function parse(text: string): { value: unknown; inPieces: boolean } {
  const response = parseInPieces(Buffer.from(text)) as Response;
  const inPieces = !Array.isArray(response.data.result);
  const result = [...response.data.result];
  return { value: { ...response, data: { ...response.data, result } }, inPieces };
}

describe('the text of a response', () => {
  it.each([
    ['vector', vector, true],
    ['matrix', matrix, true],
    ['vector of one', vector.slice(0, 1), false],
    ['nothing', [], false],
    ['matrix that ends with a histogram', [...matrix, histogram], false],
    ['matrix with a histogram in it', [...matrix, histogram, ...matrix], true],
  ])('is what JSON.parse makes of it: %s', (resultType, result, inPieces) => {
    for (const rest of [{}, { warnings: ['},{"metric":', '"]}]'], infos: ['x'] }]) {
      const text = JSON.stringify({ status: 'success', data: { resultType, result }, ...rest });
      expect(parse(text)).toEqual({ value: JSON.parse(text) as unknown, inPieces });
    }
  });

  it.each(['', 'no JSON', '"result":['.repeat(20_000), `${'},{"metric":'.repeat(20_000)}"]}]`])(
    'is undefined where it is none',
    (text) => {
      expect(parseInPieces(Buffer.from(text))).toBeUndefined();
    },
  );

  it('is undefined where it is cut off, wherever', () => {
    const text = JSON.stringify({
      status: 'success',
      data: { resultType: 'matrix', result: matrix },
    });
    for (const share of [0.2, 0.5, 0.9, 0.999]) {
      expect(parseInPieces(Buffer.from(text.slice(0, share * text.length)))).toBeUndefined();
    }
  });

  it('throws at a series that is broken', () => {
    const text = JSON.stringify({ data: { resultType: 'vector', result: vector } });
    const broken = parseInPieces(
      Buffer.from(text.replace('"index":"1000"', '"index:1000"')),
    ) as Response;
    expect(() => [...broken.data.result]).toThrow(SyntaxError);
  });
});
