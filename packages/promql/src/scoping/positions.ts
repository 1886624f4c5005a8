import { insert, type Insertion } from './insertions.js';

/** `1:52: parse error` of an error, and `(1:52)` at the end of a note: line and byte, both from 1. */
const position = /\b\d+:\d+(?=: parse error)|(?<=\()\d+:\d+(?=\)(?:$|"))/g;

/**
 * Rewrites the positions that Prometheus writes into its errors, warnings and infos from the scoped text to
 * the caller's. A position inside what was put in becomes the place where it was put.
 *
 * @returns a function from a message of the store to the same message in terms of the caller's text
 */
export function callerPositions(
  text: string,
  insertions: readonly Insertion[],
): (message: string) => string {
  // Most responses name no position.
  let scoped: Buffer | undefined;
  return (message) =>
    message.replace(position, (place) => {
      scoped ??= Buffer.from(insert(text, insertions));
      const [line = 0, column = 0] = place.split(':').map(Number);
      const own = callerOffset(text, insertions, offsetOf(scoped, line, column));
      return placeOf(Buffer.from(text), own);
    });
}

/** Where a byte of the scoped text stands in the caller's, or where it was put in. */
function callerOffset(text: string, insertions: readonly Insertion[], offset: number): number {
  let shift = 0;
  for (const { at, text: inserted } of insertions) {
    const place = Buffer.byteLength(text.slice(0, at));
    if (offset <= place + shift) break;
    const bytes = Buffer.byteLength(inserted);
    if (offset < place + shift + bytes) return place;
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
