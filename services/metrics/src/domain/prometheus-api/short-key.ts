import { hash } from 'node:crypto';

/**
 * V8 hashes a string of more than 16,383 units by its length alone, so that a map compares all of that length one by
 * one: a query of a thousand clusters is that long.
 */
const longUnits = 4096;

/** The text as the key of a map: a long one by its digest, which no query and no form is. */
export function shortKey(text: string): string {
  return text.length <= longUnits ? text : `#${hash('sha256', text, 'base64url')}`;
}
