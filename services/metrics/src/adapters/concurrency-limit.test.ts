import { expect, it } from '@jest/globals';
import { createConcurrencyLimit } from './concurrency-limit.js';

/** Runs work that takes so long each (ms), and says how many were at work at most. */
function setUp() {
  let now = 0;
  const limit = createConcurrencyLimit(16, () => now);
  return async (count: number, eachMs: number) => {
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      now += eachMs / running;
      running -= 1;
    };
    await Promise.all(Array.from({ length: count }, () => limit.run(work)));
    return most;
  };
}

it('lets as many run as it may, fewer while they are slow, and more again when they are quick', async () => {
  const run = setUp();
  expect(await run(40, 10)).toBe(16);
  await run(40, 60_000);
  expect(await run(4, 10)).toBe(4);
  expect(await run(8, 10)).toBeLessThan(16);
  await run(40, 10);
  expect(await run(40, 10)).toBe(16);
});

it('goes on after a failure, and tells how long the first has waited', async () => {
  let now = 0;
  const limit = createConcurrencyLimit(1, () => now);
  let fail: (error: Error) => void = () => undefined;
  const first = limit.run(() => new Promise<never>((_resolve, reject) => (fail = reject)));
  const second = limit.run(() => Promise.resolve('second'));
  now = 70;
  expect(limit.waitedMs()).toBe(70);
  fail(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  expect(await second).toBe('second');
  expect(limit.waitedMs()).toBe(0);
});

it('takes what fails at once for no sign of a quick store', async () => {
  let now = 0;
  const limit = createConcurrencyLimit(16, () => now);
  const slow = () => {
    now += 60_000;
    return Promise.resolve();
  };
  for (let n = 0; n < 20; n += 1) await limit.run(slow);
  const gone = () => limit.run(() => Promise.reject(new Error('gone'))).catch(() => undefined);
  for (let n = 0; n < 30; n += 1) await gone();
  let running = 0;
  const started = Array.from({ length: 16 }, () =>
    limit.run(() => new Promise<void>(() => (running += 1))),
  );
  await Promise.resolve();
  expect(started).toHaveLength(16);
  expect(running).toBe(4);
});
