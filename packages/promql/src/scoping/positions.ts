import type { Insertion } from './scope.js';

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
  let placed: PlacedInsertion[] | undefined;
  const columnOf = (line: number, column: number): number => {
    let shift = 0;
    placed ??= insertions.map((insertion) => placeOf(text, insertion));
    for (const insertion of placed) {
      if (insertion.line !== line) continue;
      const start = insertion.column + shift;
      if (column <= start) break;
      if (column < start + insertion.bytes) return insertion.column;
      shift += insertion.bytes;
    }
    return column - shift;
  };
  return (message) =>
    message.replace(position, (place) => {
      const [line = 0, column = 0] = place.split(':').map(Number);
      return `${line}:${columnOf(line, column)}`;
    });
}

/** Where something was put in: line and byte, both from 1, and its bytes. */
interface PlacedInsertion {
  readonly line: number;
  readonly column: number;
  readonly bytes: number;
}

function placeOf(text: string, { at, text: inserted }: Insertion): PlacedInsertion {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    line: before.split('\n').length,
    column: Buffer.byteLength(before.slice(lineStart)) + 1,
    bytes: Buffer.byteLength(inserted),
  };
}
