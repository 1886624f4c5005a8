import { expect, it } from '@jest/globals';
import { changeOf } from './average.js';

it('compares amounts with what is not noise', () => {
  expect(changeOf('amount', 30, 20)).toBe(50);
  expect(changeOf('amount', 30, 0)).toBeNull();
  expect(changeOf('amount', 353, 0.0049)).toBeNull();
  expect(changeOf('share', 30, 0)).toBe(30);
  expect(changeOf('share', null, 0)).toBeNull();
});
