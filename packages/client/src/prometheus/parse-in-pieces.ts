import { parseJson } from '../json.js';

/**
 * Bytes of a piece. What V8 makes of a JSON text of more than 100 kB goes to old space at once, as the text itself
 * does, whence only a full collection takes it: of the answers for a month that was most of the memory.
 */
const pieceLength = 50_000;

const resultBegins = '"result":[';
/** Between two series, and behind the last. No label holds any of these, since quotes are escaped in it. */
const between = '},{"metric":';
const resultEnds = ['"]}]', '"]]}]'];

/**
 * The value of a response's JSON, `undefined` for what is none. Of a long answer to a query, `data.result` is an
 * iterable that parses its series as they are read, each time anew; it throws a `SyntaxError` where one is broken.
 */
export function parseInPieces(body: Buffer): unknown {
  const series = body.length > 2 * pieceLength ? seriesIn(body) : null;
  if (series === null) return parseJson(decoder.decode(body));
  const { start, end } = series;
  const envelope = parseJson(body.toString('utf8', 0, start) + body.toString('utf8', end));
  const data = (envelope as { data?: { result?: unknown } } | undefined)?.data;
  if (!Array.isArray(data?.result)) return parseJson(decoder.decode(body));
  data.result = { [Symbol.iterator]: () => readPieces(body, series) };
  return envelope;
}

const decoder = new TextDecoder();

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the series stand, without the brackets around them; null in any other form than a store's own. */
function seriesIn(body: Buffer): Span | null {
  const start = body.indexOf(resultBegins) + resultBegins.length;
  const last = body.lastIndexOf(between);
  if (start < resultBegins.length || last < start) return null;
  const ends = resultEnds.flatMap((sign) => {
    const at = body.indexOf(sign, last);
    return at < 0 ? [] : at + sign.length - 1;
  });
  return ends.length === 0 ? null : { start, end: Math.min(...ends) };
}

function* readPieces(body: Buffer, { start, end }: Span): Generator<unknown, void> {
  for (let from = start; from < end;) {
    const next = body.indexOf(between, from + pieceLength);
    const to = next < 0 || next >= end ? end : next + 1;
    yield* JSON.parse(`[${body.toString('utf8', from, to)}]`) as unknown[];
    from = to + 1;
  }
}
