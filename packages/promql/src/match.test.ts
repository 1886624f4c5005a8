import { describe, expect, it } from '@jest/globals';
import { matcherTest, type MatchOperator } from './index.js';
import { matchesEmpty } from './match.js';

const plenty = () => ({ left: 1e6 });
const matcher = (op: MatchOperator, value: string) => ({ label: 'a', op, value });

describe('a matcher', () => {
  it.each<[MatchOperator, string, string, boolean | undefined]>([
    ['=', 'a', 'a', true],
    ['=', 'a', 'b', false],
    ['!=', 'a', '', true],
    ['=~', 'a|b', 'b', true],
    ['=~', 'a', 'ab', false],
    ['=~', '(?i)A.+z?', 'ab', true],
    ['=~', '', '', true],
    ['=~', '.{2,}', 'é', false],
    ['!~', 'a.*', 'b', true],
    ['!~', '.*', '', false],
    ['=~', '(', 'a', undefined],
    ['!~', '(?=a)', 'a', undefined],
  ])('%s %j of %j: %s', (op, value, asked, matched) => {
    expect(matcherTest(matcher(op, value), plenty())(asked)).toBe(matched);
  });

  it.each([
    ['a?', true],
    ['a*(b|)c{0,3}', true],
    ['^$', true],
    ['\\B', true],
    ['\\b', false],
    ['(a|b*)', true],
    ['(a|b)+', false],
    ['(a?){3}', true],
    ['a{2}', false],
    ['[', undefined],
  ])('%s matches no text at all: %s', (value, empty) => {
    expect(matchesEmpty(matcher('=~', value))).toBe(empty);
    expect(matcherTest(matcher('=~', value), plenty())('')).toBe(empty);
  });

  it('costs no more than it may, however many values there are', () => {
    const budget = { left: 20_000 };
    const test = matcherTest(matcher('=~', '(x|y)*'.repeat(20)), budget);
    const values = Array.from({ length: 10_000 }, (_, i) => 'x'.repeat(i));
    expect(values.filter((value) => test(value) !== undefined).length).toBeLessThan(100);
    expect(budget.left).toBeLessThan(0);
  });
});
