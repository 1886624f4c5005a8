import { describe, expect, it } from '@jest/globals';
import { LimitExceeded } from './limits.js';
import { checkPrintable } from './printable.js';

const limits = { maxQueryLength: 16_384 };
const check = (text: string) => () => checkPrintable(text, limits);

describe('a text that is to be printed', () => {
  it.each([
    ['a+'.repeat(490) + 'a'],
    [`up{x=~"${'a|'.repeat(5000)}"}`],
    [`up{x=~'${'a"'.repeat(5000)}'}`],
    [`up # ${'a '.repeat(5000)}`],
    ['no PromQL " at all'],
    [''],
  ])('may be as long as what people write', (text) => {
    expect(check(text)).not.toThrow();
  });

  it.each([
    ['a+'.repeat(510)],
    ['('.repeat(2000)],
    ['abs('.repeat(600)],
    [`# comment\r${'a+'.repeat(510)}`],
    [`"a" + ${'a or '.repeat(600)}`],
    ['"'.repeat(2001)],
    ['"\\"'.repeat(5000)],
    ['a'.repeat(16_385)],
  ])('is not so deep that a store would work for minutes', (text) => {
    expect(check(text)).toThrow(LimitExceeded);
  });
});
