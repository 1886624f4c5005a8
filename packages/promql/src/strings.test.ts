import { describe, expect, it } from '@jest/globals';

import { escapeRegex, quoteLabelValue, unquote } from './strings.js';

describe('literals', () => {
  it.each([
    ['"plain"', 'plain'],
    ['`raw\\n`', 'raw\\n'],
    [String.raw`'it\'s'`, "it's"],
    [String.raw`"\a\b\f\n\r\t\v\\\""`, '\x07\b\f\n\r\t\v\\"'],
    [String.raw`"\x41\102\u0043\U00000044"`, 'ABCD'],
    [String.raw`"\xc3\xa9\303\251"`, 'éé'],
    [String.raw`"\xff"`, '\ufffd'],
    [String.raw`"\U00110000"`, '\ufffd'],
    ['"😀"', '😀'],
  ])('reads %s', (literal, value) => {
    expect(unquote(literal)).toBe(value);
  });

  it.each(['', 'a', '"', '\\', '\n\r\t', '\u0000\u0007', '{}=~,', 'é😀', '`\'"'])(
    'writes %j so that it reads the same',
    (value) => {
      expect(unquote(quoteLabelValue(value))).toBe(value);
    },
  );

  it('escapes what a pattern would not take literally', () => {
    expect(escapeRegex('a.b+c(d|e)[f]{2}^$\\*?')).toBe(
      'a\\.b\\+c\\(d\\|e\\)\\[f\\]\\{2\\}\\^\\$\\\\\\*\\?',
    );
  });
});
