import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { createEncodedResponseCache } from './encoded-response-cache.js';

const one = clusterIdSchema.parse('11111111-1111-4111-8111-111111111111');
const two = clusterIdSchema.parse('22222222-2222-4222-8222-222222222222');

class Away extends Error {}

function setUp(options: { maxBytes?: number; ttlMs?: number; staleMs?: number } = {}) {
  const clock = { time: 1_000_000, now: () => clock.time };
  const cache = createEncodedResponseCache({
    clock,
    ttlMs: 30_000,
    staleMs: 0,
    maxBytes: 1_000_000,
    isUpstream: (error) => error instanceof Away,
    ...options,
  });
  let made = 0;
  const get = async (
    cluster = one,
    key = 'k',
    { body = 'b', keep = true, signal = new AbortController().signal } = {},
  ) => {
    const { response: answer, outcome } = await cache.get(cluster, key, { signal }, () => {
      made += 1;
      return Promise.resolve({ body, isCacheable: keep });
    });
    return { text: answer.bytes.toString(), hit: outcome === 'hit', madeAt: answer.madeAt, answer };
  };
  return { clock, cache, get, made: () => made };
}

describe('cached responses', () => {
  it('are given again until their time is over', async () => {
    const { clock, get } = setUp();
    expect(await get()).toMatchObject({ text: '"b"', hit: false, madeAt: 1_000_000 });
    clock.time += 30_000;
    expect(await get(one, 'k', { body: 'new' })).toMatchObject({ text: '"b"', hit: true });
    clock.time += 1;
    expect(await get(one, 'k', { body: 'new' })).toMatchObject({ text: '"new"', hit: false });
  });

  it('are those of their cluster and key', async () => {
    const { get } = setUp();
    await get();
    expect((await get(two)).hit).toBe(false);
    expect((await get(one, 'other')).hit).toBe(false);
  });

  it('are not those that are partial, nor failures', async () => {
    const { cache, get } = setUp();
    await get(one, 'k', { keep: false });
    expect((await get()).hit).toBe(false);
    const failing = cache.get(two, 'k', new AbortController(), () =>
      Promise.reject(new Error('no')),
    );
    await expect(failing).rejects.toThrow('no');
    expect((await get(two)).hit).toBe(false);
  });

  it('are given for a while longer where an upstream is away, and only then', async () => {
    const { cache, clock, get } = setUp({ staleMs: 60_000 });
    const failing = (error: Error) =>
      cache.get(one, 'k', new AbortController(), () => Promise.reject(error));
    await get();
    clock.time += 40_000;
    const { response, outcome } = await failing(new Away());
    expect([response.bytes.toString(), response.madeAt, outcome]).toEqual([
      '"b"',
      1_000_000,
      'stale',
    ]);
    await expect(failing(new Error('wrong'))).rejects.toThrow('wrong');
    expect(await get(one, 'k', { body: 'new' })).toMatchObject({ text: '"new"', hit: false });
    clock.time += 90_001;
    await expect(failing(new Away())).rejects.toThrow(Away);
  });

  it('take no more memory than allowed', async () => {
    const { get } = setUp({ maxBytes: 3000 });
    const body = 'x'.repeat(1000);
    for (const key of ['a', 'b', 'c']) await get(one, key, { body });
    expect((await get(one, 'c', { body })).hit).toBe(true);
    expect((await get(one, 'a', { body })).hit).toBe(false);
    await get(one, 'huge', { body: 'x'.repeat(4000) });
    expect((await get(one, 'huge')).hit).toBe(false);
  });

  it('are forgotten with their cluster, also one that is just being made', async () => {
    const { cache, get } = setUp();
    await get();
    await get(two);
    let finish: () => void = () => undefined;
    const making = cache.get(one, 'late', new AbortController(), async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      return { body: 'old', isCacheable: true };
    });
    await Promise.resolve();
    cache.invalidate(one);
    finish();
    await making;
    expect((await get()).hit).toBe(false);
    expect((await get(one, 'late')).hit).toBe(false);
    expect((await get(two)).hit).toBe(true);
  });

  it('are made once for all who wait, though the first one leaves', async () => {
    const { cache } = setUp();
    const first = new AbortController();
    let made = 0;
    let finish: () => void = () => undefined;
    const make = async (signal: AbortSignal) => {
      made += 1;
      await new Promise<void>((resolve) => (finish = resolve));
      signal.throwIfAborted();
      return { body: 'shared', isCacheable: true };
    };
    const leaving = cache.get(one, 'k', first, make);
    const staying = cache.get(one, 'k', new AbortController(), make);
    first.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    finish();
    expect((await staying).response.bytes.toString()).toBe('"shared"');
    expect(made).toBe(1);
  });

  it('are no longer made when everybody has left', async () => {
    const { cache } = setUp();
    const only = new AbortController();
    let told: AbortSignal | undefined;
    const leaving = cache.get(one, 'k', only, (signal) => {
      told = signal;
      return new Promise<never>(() => undefined);
    });
    only.abort(new Error('left'));
    await expect(leaving).rejects.toThrow('left');
    expect(told?.aborted).toBe(true);
  });

  it('are compressed once', async () => {
    const { get } = setUp();
    const { answer } = await get(one, 'k', { body: 'x'.repeat(5000) });
    const [zipped, again] = await Promise.all([answer.gzipped(), answer.gzipped()]);
    expect(again).toBe(zipped);
    expect(gunzipSync(zipped).equals(answer.bytes)).toBe(true);
  });

  it('can be switched off', async () => {
    const { get } = setUp({ ttlMs: 0 });
    await get();
    expect((await get()).hit).toBe(false);
  });
});
