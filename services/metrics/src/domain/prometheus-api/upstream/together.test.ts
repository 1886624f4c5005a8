import { expect, it } from '@jest/globals';
import { together } from './together.js';

it('ends what nobody reads any more once a part fails, and not before', async () => {
  const { signal } = new AbortController();
  let own: AbortSignal | undefined;
  const work = (of: AbortSignal, part: Promise<string>) => {
    own = of;
    return Promise.all([Promise.resolve('read'), part]);
  };
  expect(await together(signal, (of) => work(of, Promise.resolve('names')))).toHaveLength(2);
  expect(own?.aborted).toBe(false);
  const failing = together(signal, (of) => work(of, Promise.reject(new Error('too many'))));
  await expect(failing).rejects.toThrow('too many');
  expect(own?.aborted).toBe(true);
});

it('ends when the caller goes', async () => {
  const caller = new AbortController();
  await together(caller.signal, (signal) => {
    caller.abort();
    expect(signal.aborted).toBe(true);
    return Promise.resolve();
  });
});
