import { expect, it } from '@jest/globals';
import { createConcurrencyLimit } from './concurrency-limit.js';

it('runs so many at once, in their order, whether or not one fails', async () => {
  const limit = createConcurrencyLimit(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const runs = [0, 1, 2, 3].map((n) =>
    limit(async () => {
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
  // The limit is free again.
  const both = [limit(turn), limit(turn)];
  expect(await Promise.all(both)).toHaveLength(2);
});
