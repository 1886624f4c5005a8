import { describe, expect, it } from '@jest/globals';
import { normalizeName } from './cluster-name.js';

describe('normalizeName', () => {
  it.each([undefined, null, '', '   ', '\u0000\n', '\u200B\u00A0', '\u202E'])(
    'takes %j as none',
    (text) => {
      expect(normalizeName(text)).toBeNull();
    },
  );

  it.each([
    [' east ', 'east'],
    ['east\r\n\twest', 'east west'],
    ['a\u0000b\u001Bc\u009Fd', 'a b c d'],
    ['\u202Eeast', 'east'],
    ['\uD800east', '\uFFFDeast'],
    ['日本 👩‍👩‍👧 "$cluster" /', '日本 👩‍👩‍👧 "$cluster" /'],
    ['x'.repeat(300), 'x'.repeat(150)],
    ['😀'.repeat(300), '😀'.repeat(150)],
    [`${' '.repeat(5_000)}${'x'.repeat(3_000_000)}`, 'x'.repeat(150)],
  ])('cleans and cuts %#', (text, expected) => {
    expect(normalizeName(text)).toBe(expected);
  });
});
