import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { countSeries } from './count-series.js';
import { InvalidUpstreamResponse } from './read-response.js';

const response = (resultType: string, result: unknown, more: object = {}) =>
  Buffer.from(JSON.stringify({ status: 'success', data: { resultType, result }, ...more }));
const series = (name: string) => ({ metric: { name, x: '{"[' }, values: [[1, '2']] });

function inPieces(body: Buffer, bytes: number): AsyncIterable<Buffer> {
  const count = Math.ceil(body.length / bytes);
  return Readable.from(
    Array.from({ length: count }, (_, n) => body.subarray(n * bytes, (n + 1) * bytes)),
  );
}

describe('the series of a response', () => {
  it.each([
    ['of none', response('vector', []), 0],
    ['of some', response('matrix', [series('a'), series('\\'), series('"{')]), 3],
    ['beside notes', response('vector', [series('a')], { warnings: ['{', '"'] }), 1],
    ['of a number', response('scalar', [1, '2']), 1],
    ['of a text', response('string', [1, '{"a":"b"}']), 1],
  ])('are counted in a response %s, however it arrives', async (_name, body, count) => {
    expect(await countSeries(body)).toBe(count);
    for (const bytes of [1, 2, 7]) expect(await countSeries(inPieces(body, bytes))).toBe(count);
  });

  it('are not those of something else', async () => {
    await expect(countSeries(Buffer.from('{"status":"success"}'))).rejects.toThrow(
      InvalidUpstreamResponse,
    );
  });
});
