import { expect, it } from '@jest/globals';
import { createSlots } from './concurrency-limit.js';

it('runs so many at once, in their order, whether or not one fails', async () => {
  const inSlot = createSlots(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((n) =>
    inSlot(async () => {
      begun.push(n);
      await new Promise<void>((resolve) => (ends[n] = resolve));
      if (n === 0) throw new Error('failed');
      return n;
    }),
  );
  const outcome = Promise.allSettled(runs);
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  await turn();
  expect(begun).toEqual([0, 1]);
  ends[0]?.();
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  ends[2]?.();
  await turn();
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[1]?.();
  ends[3]?.();
  expect((await outcome).map(({ status }) => status)).toEqual([
    ...['rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  ]);
  // All slots are free again.
  const both = [inSlot(turn), inSlot(turn)];
  expect(await Promise.all(both)).toHaveLength(2);
});
