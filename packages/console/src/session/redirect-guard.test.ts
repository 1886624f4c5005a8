import { expect, it } from '@jest/globals';
import { mayRedirect } from './redirect-guard';

it('lets the page leave unasked once in 30 seconds', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const start = Date.UTC(2026, 10, 30);
  const at = (seconds: number) => mayRedirect(storage, start + seconds * 1000);
  expect([at(0), at(1), at(29), at(30), at(31), at(59), at(61)]).toEqual([
    ...[true, false, false, true, false, false, true],
  ]);
  // The clock was set back by a day.
  expect(at(-86_400)).toBe(true);
});
