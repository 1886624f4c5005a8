import { getEventListeners } from 'node:events';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { runInContext } from '../context.js';
import { UpstreamError, type UpstreamErrorInit } from '../errors.js';
import { createResiliencePolicy, type ResiliencePolicyOptions } from './policy.js';
import { failureOf } from '../testing/upstream.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

type Failure = Omit<UpstreamErrorInit, 'upstream'>;

const fault = (init: Failure) => new UpstreamError({ upstream: 'grafana', ...init });

const policyOf = (options: Partial<ResiliencePolicyOptions> = {}) =>
  createResiliencePolicy({ name: 'grafana', random: () => 1, ...options });

/** An upstream that fails as told, one entry a call, and then answers 'fine'. */
function upstream(...failures: Failure[]) {
  const left = [...failures];
  return jest.fn<(signal: AbortSignal, remainingMs: number) => Promise<string>>(() => {
    const failure = left.shift();
    return failure === undefined ? Promise.resolve('fine') : Promise.reject(fault(failure));
  });
}

/** One that answers nothing until it is aborted, as the HTTP layer does. */
const silent = () =>
  jest.fn(
    (signal: AbortSignal) =>
      new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          const { reason } = signal as { reason: unknown };
          reject(reason instanceof UpstreamError ? reason : fault({ code: 'cancelled' }));
        });
      }),
  );

describe('retries', () => {
  it.each<[Failure]>([
    [{ code: 'unreachable' }],
    [{ code: 'unreachable', status: 503 }],
    [{ code: 'timeout' }],
    [{ code: 'timeout', status: 504 }],
    [{ code: 'bad_answer', status: 502 }],
    [{ code: 'too_many_requests', status: 429 }],
  ])('tries again after %j', async (failure) => {
    const fn = upstream(failure, failure);
    const result = policyOf().execute(fn);
    await jest.runAllTimersAsync();
    expect(await result).toBe('fine');
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it.each<[Failure]>([
    [{ code: 'timeout', status: 503 }],
    [{ code: 'bad_answer' }],
    [{ code: 'bad_answer', status: 500 }],
    [{ code: 'refused', status: 400 }],
    [{ code: 'unauthorized', status: 401 }],
    [{ code: 'forbidden', status: 403 }],
    [{ code: 'not_found', status: 404 }],
    [{ code: 'conflict', status: 412 }],
    [{ code: 'cancelled' }],
  ])('does not try again after %j', async (failure) => {
    const fn = upstream(failure);
    expect(await failureOf(policyOf().execute(fn))).toMatchObject(failure);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('does not try again after an error of our own making', async () => {
    const fn = jest.fn(() => Promise.reject(new TypeError('bug')));
    expect(await failureOf(policyOf().execute(fn))).toBeInstanceOf(TypeError);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('does not try again what must not be repeated', async () => {
    const fn = upstream({ code: 'unreachable' });
    const failure = await failureOf(policyOf().execute(fn, { retry: false }));
    expect(failure).toMatchObject({ code: 'unreachable' });
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('ends with the last error after the third try', async () => {
    const fn = upstream({ code: 'timeout' }, { code: 'timeout' }, { code: 'unreachable' });
    const failure = failureOf(policyOf().execute(fn));
    await jest.runAllTimersAsync();
    expect(await failure).toMatchObject({ code: 'unreachable' });
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it.each([
    [0, 50, 100],
    [1, 100, 200],
  ])('waits longer each time, and by chance (%d)', async (chance, firstMs, secondMs) => {
    const fn = upstream({ code: 'unreachable' }, { code: 'unreachable' });
    const result = policyOf({ random: () => chance }).execute(fn);
    await jest.advanceTimersByTimeAsync(firstMs - 1);
    expect(fn).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(fn).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(secondMs - 1);
    expect(fn).toHaveBeenCalledTimes(2);
    await jest.advanceTimersByTimeAsync(1);
    expect(await result).toBe('fine');
  });

  it('waits as long as the upstream asks for', async () => {
    const fn = upstream({ code: 'too_many_requests', status: 429, retryAfterSeconds: 3 });
    const result = policyOf().execute(fn);
    await jest.advanceTimersByTimeAsync(2_999);
    expect(fn).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await result).toBe('fine');
  });

  it('hands a long wait on to the caller instead of waiting', async () => {
    const failure = { code: 'too_many_requests', status: 429, retryAfterSeconds: 6 } as const;
    const fn = upstream(failure);
    expect(await failureOf(policyOf().execute(fn))).toMatchObject(failure);
    expect(fn).toHaveBeenCalledTimes(1);
  });
});

describe('the deadline', () => {
  it('bounds all tries together and aborts the one that runs', async () => {
    const fn = silent();
    const failure = failureOf(policyOf({ deadlineMs: 1_000 }).execute(fn));
    await jest.advanceTimersByTimeAsync(999);
    expect(fn.mock.calls[0]?.[0].aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await failure).toMatchObject({ upstream: 'grafana', code: 'timeout' });
    expect(fn).toHaveBeenCalledTimes(1);
    expect(fn.mock.calls[0]?.[0].aborted).toBe(true);
  });

  it('ends a call whose work does not listen', async () => {
    const failure = failureOf(
      policyOf({ deadlineMs: 1_000 }).execute(() => new Promise<never>(() => undefined)),
    );
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await failure).toMatchObject({ code: 'timeout' });
  });

  it('tells each try what is left', async () => {
    const fn = upstream({ code: 'unreachable' });
    const result = policyOf({ deadlineMs: 1_000 }).execute(fn);
    await jest.advanceTimersByTimeAsync(100);
    await result;
    expect(fn.mock.calls.map(([, remainingMs]) => remainingMs)).toEqual([1_000, 900]);
  });

  it('is not waited for when no time is left for another try', async () => {
    const fn = upstream({ code: 'unreachable', retryAfterSeconds: 2 });
    const failure = await failureOf(policyOf({ deadlineMs: 1_500 }).execute(fn));
    expect(failure).toMatchObject({ code: 'unreachable' });
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('leaves neither timer nor listener behind', async () => {
    const { signal } = new AbortController();
    await policyOf().execute(upstream(), { signal });
    await failureOf(policyOf().execute(upstream({ code: 'refused' }), { signal }));
    expect(jest.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('cancellation', () => {
  it('ends the call at once and is no retry', async () => {
    const abort = new AbortController();
    const fn = silent();
    const failure = failureOf(policyOf().execute(fn, { signal: abort.signal }));
    await jest.advanceTimersByTimeAsync(10);
    abort.abort();
    expect(await failure).toMatchObject({ upstream: 'grafana', code: 'cancelled' });
    expect(fn).toHaveBeenCalledTimes(1);
    expect(fn.mock.calls[0]?.[0].aborted).toBe(true);
  });

  it('ends the wait between two tries', async () => {
    const abort = new AbortController();
    const fn = upstream({ code: 'unreachable', retryAfterSeconds: 4 });
    const failure = failureOf(policyOf().execute(fn, { signal: abort.signal }));
    await jest.advanceTimersByTimeAsync(10);
    abort.abort();
    expect(await failure).toMatchObject({ code: 'cancelled' });
    await jest.advanceTimersByTimeAsync(60_000);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('comes from the context where no signal is given', async () => {
    const fn = upstream();
    const context = { requestId: 'r', signal: AbortSignal.abort() };
    const failure = await failureOf(runInContext(context, () => policyOf().execute(fn)));
    expect(failure).toMatchObject({ code: 'cancelled' });
    expect(fn).not.toHaveBeenCalled();
  });
});

describe('the breaker', () => {
  const down: Failure = { code: 'unreachable' };

  /** A policy whose breaker has just opened, and the list of its states so far. */
  async function opened() {
    const states: string[] = [];
    const policy = policyOf({ onStateChange: (name, state) => states.push(`${name} ${state}`) });
    for (let i = 0; i < 5; i += 1) {
      await failureOf(policy.execute(upstream(down), { retry: false }));
    }
    return { policy, states };
  }

  it('opens after five failures in a row, and says when to come back', async () => {
    const { policy, states } = await opened();
    expect(policy.state).toBe('open');
    expect(states).toEqual(['grafana open']);
    await jest.advanceTimersByTimeAsync(3_500);
    const fn = upstream();
    expect(await failureOf(policy.execute(fn))).toMatchObject({
      upstream: 'grafana',
      code: 'circuit_open',
      retryAfterSeconds: 7,
    });
    expect(fn).not.toHaveBeenCalled();
  });

  it('counts the tries of one call, and ends it with what the upstream last did', async () => {
    const policy = policyOf({ breaker: { failures: 2, cooldownMs: 10_000 } });
    const fn = upstream(down, { code: 'bad_answer', status: 502 }, down);
    const failure = failureOf(policy.execute(fn));
    await jest.runAllTimersAsync();
    expect(await failure).toMatchObject({ code: 'bad_answer', status: 502 });
    expect(fn).toHaveBeenCalledTimes(2);
    expect(policy.state).toBe('open');
  });

  it('lets one call through after ten seconds and closes when that succeeds', async () => {
    const { policy, states } = await opened();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await policy.execute(upstream())).toBe('fine');
    expect(policy.state).toBe('closed');
    expect(states).toEqual(['grafana open', 'grafana half_open', 'grafana closed']);
  });

  it('opens for another ten seconds when that one fails', async () => {
    const { policy } = await opened();
    await jest.advanceTimersByTimeAsync(10_000);
    await failureOf(policy.execute(upstream(down), { retry: false }));
    expect(policy.state).toBe('open');
    await jest.advanceTimersByTimeAsync(9_999);
    const failure = await failureOf(policy.execute(upstream()));
    expect(failure).toMatchObject({ code: 'circuit_open', retryAfterSeconds: 1 });
  });

  it.each<[Failure]>([
    [{ code: 'refused', status: 400 }],
    [{ code: 'unauthorized', status: 401 }],
    [{ code: 'not_found', status: 404 }],
    [{ code: 'too_many_requests', status: 429 }],
    [{ code: 'timeout', status: 503 }],
    [{ code: 'cancelled' }],
  ])('does not count %j', async (failure) => {
    const policy = policyOf();
    for (let i = 0; i < 9; i += 1) {
      await failureOf(policy.execute(upstream(failure), { retry: false }));
    }
    expect(policy.state).toBe('closed');
  });

  it.each<[string, Failure | undefined]>([
    ['a success', undefined],
    ['an answer that blames the request', { code: 'refused', status: 400 }],
  ])('begins anew after %s', async (_what, between) => {
    const policy = policyOf();
    const calls = [down, down, down, down, between, down, down, down, down];
    for (const call of calls) {
      const fn = call === undefined ? upstream() : upstream(call);
      await policy.execute(fn, { retry: false }).catch(() => undefined);
    }
    expect(policy.state).toBe('closed');
    await failureOf(policy.execute(upstream(down), { retry: false }));
    expect(policy.state).toBe('open');
  });

  it('is neither closed nor opened by a caller that leaves while it is probing', async () => {
    const { policy } = await opened();
    await jest.advanceTimersByTimeAsync(10_000);
    const abort = new AbortController();
    let answer: (text: string) => void = () => undefined;
    const slow = jest.fn<(signal: AbortSignal) => Promise<string>>(
      () => new Promise((resolve) => (answer = resolve)),
    );
    const failure = failureOf(policy.execute(slow, { signal: abort.signal }));
    abort.abort();
    expect(await failure).toMatchObject({ code: 'cancelled' });
    expect(slow.mock.calls[0]?.[0].aborted).toBe(false);
    expect(policy.state).toBe('half_open');
    answer('fine');
    await jest.advanceTimersByTimeAsync(0);
    expect(policy.state).toBe('closed');
  });

  it('lets further calls wait for the probe', async () => {
    const { policy } = await opened();
    await jest.advanceTimersByTimeAsync(10_000);
    let answer: (text: string) => void = () => undefined;
    const probe = policy.execute(() => new Promise<string>((resolve) => (answer = resolve)));
    const fn = upstream();
    const second = policy.execute(fn);
    await jest.advanceTimersByTimeAsync(100);
    expect(fn).not.toHaveBeenCalled();
    answer('probed');
    expect(await Promise.all([probe, second])).toEqual(['probed', 'fine']);
  });

  it('is one for each policy', async () => {
    await opened();
    expect(await policyOf().execute(upstream())).toBe('fine');
  });
});
