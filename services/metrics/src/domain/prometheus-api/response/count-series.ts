import { InvalidUpstreamResponse } from './read-response.js';

const [quote, backslash, brace, bracket, closingBrace, closingBracket] = Buffer.from('"\\{[}]');

/** The type of a result stands within so many bytes of its beginning. */
const headBytes = 500;
/** `{"data":{"result":[`: what opens within so many is a series. */
const depthOfSeries = 3;

/**
 * Series in the response to a query, as it arrives: it is not parsed, since it may be as long as answers may be. A
 * scalar or string is one. Throws `InvalidUpstreamResponse` for what has no type of result.
 */
export async function countSeries(body: Buffer | AsyncIterable<Buffer>): Promise<number> {
  const scanner = { depth: 0, series: 0, isInString: false, isEscaped: false };
  let head = '';
  for await (const chunk of Buffer.isBuffer(body) ? [body] : body) {
    if (head.length < headBytes) head += chunk.toString('latin1', 0, headBytes);
    scan(chunk, scanner);
  }
  const [, type] = /"resultType":"(\w+)"/.exec(head) ?? [];
  if (type === undefined) throw new InvalidUpstreamResponse('The store answered without a result');
  return type === 'scalar' || type === 'string' ? 1 : scanner.series;
}

function scan(
  bytes: Buffer,
  state: { depth: number; series: number; isInString: boolean; isEscaped: boolean },
): void {
  for (const byte of bytes) {
    if (state.isEscaped) {
      state.isEscaped = false;
    } else if (state.isInString) {
      if (byte === backslash) state.isEscaped = true;
      else if (byte === quote) state.isInString = false;
    } else if (byte === quote) {
      state.isInString = true;
    } else if (byte === brace || byte === bracket) {
      if (byte === brace && state.depth === depthOfSeries) state.series += 1;
      state.depth += 1;
    } else if (byte === closingBrace || byte === closingBracket) {
      state.depth -= 1;
    }
  }
}
