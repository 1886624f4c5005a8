import { insert, type Insertion } from './insertions.js';

/** `1:52: parse error` of an error, and `(1:52)` at the end of a note: line and byte, both from 1. */
const position = /\b\d+:\d+(?=: parse error)|(?<=\()\d+:\d+(?=\)(?:$|"))/g;

/** `64:70: duration must be greater than 0`: from which byte to which of the text, from 0. */
const span = /(?<=^|^invalid parameter "query": )(\d+):(\d+)(?=: (?!parse error))/;

/**
 * Rewrites what a store says of the scoped text in terms of the caller's: the positions that Prometheus writes into
 * its errors, warnings and infos, and the text where VictoriaMetrics quotes it. A position inside what was put in
 * becomes the place where it was put, and inside what was repeated the place of the original.
 *
 * @returns a function from a message of the store to the same message in terms of the caller's text
 */
export function callerMessages(
  text: string,
  insertions: readonly Insertion[],
): (message: string) => string {
  // Most responses name no position.
  let known: { scoped: Buffer; own: Buffer } | undefined;
  const texts = () =>
    (known ??= { scoped: Buffer.from(insert(text, insertions)), own: Buffer.from(text) });
  const ownOffset = (offset: number) => callerOffset(text, insertions, offset);
  return (message) =>
    withoutQuoted(message, insertions)
      .replace(position, (place) => {
        const [line = 0, column = 0] = place.split(':').map(Number);
        const { scoped, own } = texts();
        return placeOf(own, ownOffset(offsetOf(scoped, line, column)));
      })
      .replace(span, (_, from: string, to: string) => {
        return `${ownOffset(Number(from))}:${ownOffset(Number(to))}`;
      });
}

/** What was put in, without it where VictoriaMetrics quotes the text or a part of it. */
function withoutQuoted(message: string, insertions: readonly Insertion[]): string {
  if (!message.startsWith('error when executing query=')) return message;
  const put = new Set(insertions.map(({ text, copyOf }) => (copyOf === undefined ? text : '')));
  // Brackets alone may be anybody's.
  const quoted = [...put].filter((text) => text.includes('"')).map(inQuotes);
  return quoted.reduce((told, text) => told.replaceAll(text, ''), message);
}

const inQuotes = (text: string) => JSON.stringify(text).slice(1, -1);

/** Where a byte of the scoped text stands in the caller's, or where it was put in. */
function callerOffset(text: string, insertions: readonly Insertion[], offset: number): number {
  const bytesTo = (at: number) => Buffer.byteLength(text.slice(0, at));
  let shift = 0;
  for (const { at, text: inserted, copyOf } of insertions) {
    const place = bytesTo(at);
    const within = offset - place - shift;
    if (within < 0 || (within === 0 && copyOf === undefined)) break;
    const bytes = Buffer.byteLength(inserted);
    if (within < bytes) return copyOf === undefined ? place : bytesTo(copyOf) + within;
    shift += bytes;
  }
  return offset - shift;
}

/** Line and byte, both from 1, as an offset. */
function offsetOf(text: Buffer, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

function placeOf(text: Buffer, offset: number): string {
  const before = text.subarray(0, offset).toString();
  const line = before.split('\n').length;
  const start = before.lastIndexOf('\n') + 1;
  return `${line}:${Buffer.byteLength(before.slice(start)) + 1}`;
}
