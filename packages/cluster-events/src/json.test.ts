import { describe, expect, it } from '@jest/globals';
import { parseJson, toBoundedJson } from './json.js';

describe('toBoundedJson', () => {
  it.each([{ a: [1, { b: null }] }, 'text', 0, null])('writes %j', (value) => {
    expect(toBoundedJson(value)).toBe(JSON.stringify(value));
  });

  it('cuts what is nested deeper than any event', () => {
    const depth = 500_000;
    const value = parseJson(`{"id":"a","x":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(() => JSON.stringify(value)).toThrow(RangeError);
    expect(toBoundedJson(value)).toBe(`{"id":"a","x":${'['.repeat(63)}"…"${']'.repeat(63)}}`);
  });
});

describe('parseJson', () => {
  it('takes a byte order mark', () => {
    expect(parseJson('\uFEFF{"a":1}')).toEqual({ a: 1 });
    expect(parseJson('{')).toBeUndefined();
  });
});
