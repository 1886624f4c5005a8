import { LimitExceeded } from './limits.js';

/**
 * Prometheus indents every level of a query, with a cost that grows by the third power of their number and that no
 * timeout ends: 500 operands in a row take it a quarter of a second, 8,000 many minutes and gigabytes.
 */
const maxWords = 1_000;

/** Words, signs, strings and comments; a carriage return ends a comment, too. */
const word = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|#[^\n\r]*|[\w:.]+|\S/g;

/** Throws `LimitExceeded` for a text that would keep a store busy that is to parse and print it. */
export function checkPrintable(text: string, { maxQueryLength }: { maxQueryLength: number }): void {
  if (text.length > maxQueryLength) {
    throw new LimitExceeded(
      `The query has ${text.length} characters; at most ${maxQueryLength} are read`,
    );
  }
  const found = text.matchAll(word);
  for (let words = 1; found.next().done !== true; words += 1) {
    if (words > maxWords) {
      throw new LimitExceeded(
        `At most ${maxWords} words and signs are printed, and there are more`,
      );
    }
  }
}
