import { expect, it } from '@jest/globals';
import { mapInTurns } from './pace.js';

it('makes one after the other, and lets others have turns in between', async () => {
  let turns = 0;
  const count = setInterval(() => (turns += 1), 1);
  const work = (item: number) => {
    const end = performance.now() + 1;
    while (performance.now() < end);
    return item + 1;
  };
  const made = await mapInTurns([...Array(100).keys()], work);
  clearInterval(count);
  expect(made).toEqual(Array.from({ length: 100 }, (_, item) => item + 1));
  expect(turns).toBeGreaterThan(5);
});

it('hands on what an item fails with', async () => {
  const fail = () => {
    throw new Error('of the item');
  };
  await expect(mapInTurns([1], fail)).rejects.toThrow('of the item');
});
