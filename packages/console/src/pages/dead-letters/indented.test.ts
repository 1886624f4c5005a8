import { expect, it } from '@jest/globals';
import { indented } from './indented';

it.each([
  ['{"a":{"b":[1]}}', '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}'],
  ['{"a":"cut off he', '{"a":"cut off he'],
  ['', ''],
])('shows %p as %p', (text, shown) => {
  expect(indented(text)).toBe(shown);
});
