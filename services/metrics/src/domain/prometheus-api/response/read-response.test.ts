import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasSeriesAlone, isWholeObject } from './read-response.js';

/** Values of labels that look like the end of a response. */
const text = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom(
    '1"]}]}}',
    '"]]}]}}',
    'a"]}]}}\n',
    ']}]}}',
    '\\',
    '1\\"]}]}}',
    '{"status":"success"',
  ),
);
const metric = fc.dictionary(text, text, { maxKeys: 2 });
const number = fc.constantFrom('1', '-0.5', 'NaN', '+Inf', '1e300');
const point = fc.tuple(fc.integer({ min: 0, max: 2e9 }), number);
const buckets = fc.array(fc.tuple(fc.nat(3), number, number, number), { maxLength: 2 });
const histogram = fc.tuple(fc.nat(), fc.record({ count: number, sum: number, buckets }));
const floats = fc.record({ metric, value: point });
const vector = fc.record({
  resultType: fc.constant('vector'),
  result: fc.array(fc.oneof(floats, fc.record({ metric, histogram })), { maxLength: 3 }),
});
const matrix = fc.record({
  resultType: fc.constant('matrix'),
  result: fc.array(
    fc.record(
      { metric, values: fc.array(point), histograms: fc.array(histogram) },
      { requiredKeys: ['metric'] },
    ),
    { maxLength: 3 },
  ),
});
const beside = fc.record({ warnings: fc.array(text), infos: fc.array(text) }, { requiredKeys: [] });
const response = fc
  .tuple(fc.oneof(vector, matrix), beside)
  .map(([data, notes]) => ({ status: 'success', data, ...notes }));

describe('the body of a response', () => {
  it('is whole at its end and nowhere before', () => {
    fc.assert(
      fc.property(response, fc.constantFrom('', '\n'), (value, end) => {
        const body = Buffer.from(`${JSON.stringify(value)}${end}`);
        expect(isWholeObject(body)).toBe(true);
        for (let cut = 0; cut < body.length - end.length; cut += 1) {
          if (isWholeObject(body.subarray(0, cut))) throw new Error(body.toString('utf8', 0, cut));
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('has something beside its series where it says so', () => {
    fc.assert(
      fc.property(response, (value) => {
        fc.pre('warnings' in value || 'infos' in value);
        expect(hasSeriesAlone(Buffer.from(JSON.stringify(value)))).toBe(false);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it.each([
    ['{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1,"2"]}]}', true],
    ['{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"],[2,"NaN"]]}]}', true],
    ['{"resultType":"matrix","result":[]}', false],
    ['["a"]', false],
  ])('shows by its ends that it has nothing else: %s', (data, alone) => {
    expect(hasSeriesAlone(Buffer.from(`{"status":"success","data":${data}}`))).toBe(alone);
  });
});
