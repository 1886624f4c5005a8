import { describe, expect, it } from '@jest/globals';
import type { Timers } from '../../ports.js';
import type { Passes } from './resync.js';
import { createReconcile } from './resync-loop.js';

/** Passes that end when they are told to, and what was called so far. */
function manual() {
  const calls: string[] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const timers: (() => void)[] = [];
  const pass = (name: string) => () => {
    calls.push(name);
    return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
  };
  const after: Timers['after'] = (_ms, callback) => {
    timers.push(callback);
    return () => void timers.splice(timers.indexOf(callback), 1);
  };
  const passes: Passes = { start: pass('start'), tick: pass('tick'), again: pass('again') };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  let now = 1_000;
  const reconcile = createReconcile({ passes, clock: { now: () => now }, timers: { after }, log });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ reconcile, calls, timers },
    at: (time: number) => void (now = time),
    end: () => {
      ends.shift()?.resolve();
      return settle();
    },
    fail: () => {
      ends.shift()?.reject(new Error('the store is down'));
      return settle();
    },
  };
}

describe('createReconcile', () => {
  it('tries its start until it goes through, and ticks only then', async () => {
    const { reconcile, calls, timers, end, fail } = manual();
    reconcile.start();
    await reconcile.tick();
    await fail();
    await reconcile.tick();
    expect(calls).toEqual(['start']);

    timers[0]?.();
    await end();
    const tick = reconcile.tick();
    await end();
    await tick;
    expect(calls).toEqual(['start', 'start', 'tick']);
  });

  it('runs one tick at a time, and another after one that failed', async () => {
    const { reconcile, calls, end, fail } = manual();
    reconcile.start();
    await end();
    const tick = reconcile.tick();
    await reconcile.tick();
    expect(calls).toEqual(['start', 'tick']);
    await Promise.all([expect(tick).rejects.toThrow('the store is down'), fail()]);

    const next = reconcile.tick();
    await end();
    await next;
    expect(calls).toEqual(['start', 'tick', 'tick']);
  });

  it('knows when it was last called', async () => {
    const { reconcile, at } = manual();
    expect(reconcile.lastTickAt).toBeNull();
    reconcile.start();
    expect(reconcile.lastTickAt).toBe(1_000);
    at(31_000);
    await reconcile.tick();
    expect(reconcile.lastTickAt).toBe(31_000);
  });

  it('waits for what runs when it is stopped, and begins nothing more', async () => {
    const { reconcile, calls, end } = manual();
    reconcile.start();
    await end();
    const tick = reconcile.tick();
    let stopped = false;
    const stop = reconcile.stop().then(() => (stopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    await end();
    await Promise.all([tick, stop]);
    await reconcile.tick();
    expect(calls).toEqual(['start', 'tick']);
  });
});
