import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { sleep } from './clock.js';
import { failureOf } from './testing/upstream.js';

describe('sleep', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('waits just as long as it is told', async () => {
    const woken = jest.fn();
    const waiting = sleep(1_000).then(woken);
    await jest.advanceTimersByTimeAsync(999);
    expect(woken).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(woken).toHaveBeenCalledTimes(1);
    await waiting;
  });

  it('ends with the reason of its signal at once, and leaves no timer behind', async () => {
    const abort = new AbortController();
    const failure = failureOf(sleep(60_000, abort.signal));
    abort.abort(new Error('enough'));
    expect(await failure).toEqual(new Error('enough'));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not begin under an aborted signal', async () => {
    const failure = await failureOf(sleep(60_000, AbortSignal.abort(new Error('too late'))));
    expect(failure).toEqual(new Error('too late'));
    expect(jest.getTimerCount()).toBe(0);
  });
});
