import { describe, expect, it } from '@jest/globals';
import type { Timers } from '../../ports.js';
import type { Resync } from './resync.js';
import { createResyncLoop } from './resync-loop.js';

/** A resync whose calls end when told to, and what was called so far. */
function manual() {
  const calls: string[] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const timers: (() => void)[] = [];
  const call = (name: string) => () => {
    calls.push(name);
    return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
  };
  const after: Timers['after'] = (_ms, callback) => {
    timers.push(callback);
    return () => void timers.splice(timers.indexOf(callback), 1);
  };
  const resync: Resync = {
    start: call('start'),
    tick: call('tick'),
    requestFullResync: call('request'),
  };
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const log = { info: () => undefined, warn, error: () => undefined };
  let now = 1_000;
  const resyncLoop = createResyncLoop({
    resync,
    clock: { now: () => now },
    timers: { after },
    log,
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    resyncLoop,
    calls,
    timers,
    warnings,
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

describe('createResyncLoop', () => {
  it('warns of a start that fails for long, and not of a sidecar that comes up later', async () => {
    const { resyncLoop, timers, warnings, at, fail } = manual();
    resyncLoop.start();
    await fail();
    expect(warnings).toEqual([]);

    at(11_000);
    timers.shift()?.();
    await fail();
    expect(warnings).toEqual(['the resync failed']);
  });

  it('tries its start until it goes through, and ticks only then', async () => {
    const { resyncLoop, calls, timers, end, fail } = manual();
    resyncLoop.start();
    await resyncLoop.tick();
    await fail();
    await resyncLoop.tick();
    expect(calls).toEqual(['start']);

    timers[0]?.();
    await end();
    const tick = resyncLoop.tick();
    await end();
    await tick;
    expect(calls).toEqual(['start', 'start', 'tick']);
  });

  it('runs one tick at a time, and another after one that failed', async () => {
    const { resyncLoop, calls, end, fail } = manual();
    resyncLoop.start();
    await end();
    const tick = resyncLoop.tick();
    await resyncLoop.tick();
    expect(calls).toEqual(['start', 'tick']);
    await Promise.all([expect(tick).rejects.toThrow('the store is down'), fail()]);

    const next = resyncLoop.tick();
    await end();
    await next;
    expect(calls).toEqual(['start', 'tick', 'tick']);
  });

  it('knows when it was last called', async () => {
    const { resyncLoop, at } = manual();
    expect(resyncLoop.lastTickAt).toBeNull();
    resyncLoop.start();
    expect(resyncLoop.lastTickAt).toBe(1_000);
    at(31_000);
    await resyncLoop.tick();
    expect(resyncLoop.lastTickAt).toBe(31_000);
  });

  it('waits for what runs when it is stopped, and begins nothing more', async () => {
    const { resyncLoop, calls, end } = manual();
    resyncLoop.start();
    await end();
    const tick = resyncLoop.tick();
    let stopped = false;
    const stop = resyncLoop.stop().then(() => (stopped = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    await end();
    await Promise.all([tick, stop]);
    await resyncLoop.tick();
    expect(calls).toEqual(['start', 'tick']);
  });
});
