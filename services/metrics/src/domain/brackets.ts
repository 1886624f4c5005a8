/** Where the next brace or bracket of a JSON text stands, outside of strings, from a place outside of one; -1 without. */
export function nextBracket(body: Buffer, from: number): number {
  let isInString = false;
  // A loop over bytes: a search for the end of each string costs several times as much, as strings are short.
  for (let at = from; at < body.length; at += 1) {
    const byte = body[at];
    if (isInString) {
      if (byte === backslash) at += 1;
      else if (byte === quote) isInString = false;
    } else if (byte === quote) {
      isInString = true;
    } else if (opens(byte) || closes(byte)) {
      return at;
    }
  }
  return -1;
}

/** Whether a byte begins an object or a list. */
export const opens = (byte: number | undefined): boolean => byte === brace || byte === bracket;

const closes = (byte: number | undefined): boolean =>
  byte === closingBrace || byte === closingBracket;

const [quote, backslash, brace, bracket, closingBrace, closingBracket] = Buffer.from('"\\{[}]');
