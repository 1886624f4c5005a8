import { expect, it } from '@jest/globals';
import { turn } from './turns.js';

it('begins one piece of work in each iteration of the event loop, in order', async () => {
  const order: string[] = [];
  const work = async (name: string) => {
    await turn();
    order.push(name);
  };
  const all = ['a', 'b', 'c'].map(work);
  const others = async () => {
    for (let iteration = 1; iteration <= 3; iteration += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      order.push(String(iteration));
    }
  };
  await Promise.all([...all, others()]);
  expect(order).toEqual(['a', '1', 'b', '2', 'c', '3']);
  await work('later');
  expect(order.at(-1)).toBe('later');
});
