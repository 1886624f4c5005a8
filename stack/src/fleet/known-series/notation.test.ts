import { describe, expect, it } from '@jest/globals';
import { parseValues } from './notation.js';

describe('parseValues', () => {
  it.each<[string, (number | undefined)[]]>([
    ['1 2.5 -3', [1, 2.5, -3]],
    ['5x2', [5, 5, 5]],
    ['0+10x3', [0, 10, 20, 30]],
    ['9-3x2', [9, 6, 3]],
    ['-1+0.5x2', [-1, -0.5, 0]],
    ['1e3+1e2x1', [1000, 1100]],
    ['1 _ 2', [1, undefined, 2]],
    ['_x3 4', [undefined, undefined, undefined, 4]],
    ['NaN +Inf -Inf', [NaN, Infinity, -Infinity]],
    ['  1\n 2 ', [1, 2]],
    ['', []],
  ])('reads %j', (text, values) => {
    expect(parseValues(text)).toEqual(values);
  });

  it.each(['abc', '1+2', '1x', 'x3', '_3', 'stale', '1..2'])('refuses %j', (text) => {
    expect(() => parseValues(text)).toThrow(`"${text}"`);
  });
});
