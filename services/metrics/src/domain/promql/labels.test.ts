import { describe, expect, it } from '@jest/globals';
import { createLabelsKey } from './labels.js';

describe('the key of labels', () => {
  const keyOf = createLabelsKey();

  it('is the same in whatever order they come', () => {
    expect(keyOf({ b: '2', a: '1', c: '' })).toBe(keyOf({ c: '', a: '1', b: '2' }));
  });

  it.each([
    [{ a: '1' }, { a: '2' }],
    [{ a: '1' }, { b: '1' }],
    [{}, { a: '' }],
    [{ a: '11 1b2' }, { a: '1', b: '2' }],
    [
      { a: '1', b: '2' },
      { a: '1b', b: '' },
    ],
    [{ ab: 'c' }, { a: 'bc' }],
    [{ a: '1 1 b2' }, { a: '', b: '2' }],
  ])('tells %j from %j', (one, other) => {
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it('knows of labels that do not count nothing', () => {
    const key = createLabelsKey((label) => label !== 'x');
    expect(key({ a: '1', x: '2' })).toBe(key({ a: '1' }));
  });
});
