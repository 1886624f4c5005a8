import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { describe, expect, it, jest } from '@jest/globals';
import { StoreDown } from '../../ports.js';
import { createScheduler } from './scheduler.js';
import type { RunOptions } from '../reconcile/cluster-reconciler.js';

const ids = Array.from({ length: 5 }, (_, n) =>
  clusterIdSchema.parse(`00000000-0000-4000-8000-00000000000${n}`),
);
const [one, two] = ids as [ClusterId, ClusterId];

interface Begun {
  id: ClusterId;
  options: RunOptions;
  end: (due?: number | null) => void;
  fail: (error: Error) => void;
}

function setUp(concurrency = 2) {
  let now = 1_000;
  const timers = new Set<{ at: number; callback: () => void }>();
  const begun: Begun[] = [];
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const signals: AbortSignal[] = [];
  const scheduler = createScheduler({
    clock: { now: () => now },
    timers: {
      after(ms, callback) {
        const timer = { at: now + ms, callback };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    log,
    concurrency,
    run: (id, options, signal) => {
      signals.push(signal);
      return new Promise((resolve, reject) =>
        begun.push({ id, options, end: (due = null) => resolve(due), fail: reject }),
      );
    },
  });
  return {
    scheduler,
    begun,
    log,
    signals,
    timers,
    advance: async (ms: number) => {
      await settle();
      now += ms;
      for (const timer of [...timers])
        if (timer.at <= now) {
          timers.delete(timer);
          timer.callback();
        }
      await settle();
    },
  };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));
const idsOf = (begun: Begun[]) => begun.map(({ id }) => id);

describe('createScheduler', () => {
  it('runs so many at once and no more', async () => {
    const { scheduler, begun } = setUp(2);
    ids.forEach((id) => scheduler.wake(id));
    expect(begun).toHaveLength(2);
    begun[0]?.end();
    await settle();
    expect(idsOf(begun)).toEqual(ids.slice(0, 3));
  });

  it('lets nothing wait behind a cluster that was due before it was woken', async () => {
    const { scheduler, begun } = setUp(1);
    scheduler.wake(one);
    scheduler.wake(one);
    begun[0]?.end(500);
    await settle();
    scheduler.wake(two);
    begun[1]?.end();
    await settle();
    expect(idsOf(begun)).toEqual([one, one, two]);
  });

  it('never runs one cluster twice at once, and runs it again if it was woken meanwhile', async () => {
    const { scheduler, begun } = setUp();
    scheduler.wake(one);
    scheduler.wake(one, { look: true });
    scheduler.wake(one, { force: true });
    expect(begun).toHaveLength(1);
    begun[0]?.end();
    await settle();
    expect(begun).toMatchObject([{ options: {} }, { options: { look: true, force: true } }]);
  });

  it('lets others pass one that waits for its own end', async () => {
    const { scheduler, begun } = setUp();
    scheduler.wake(one);
    scheduler.wake(one);
    scheduler.wake(two);
    await settle();
    expect(idsOf(begun)).toEqual([one, two]);
  });

  it('runs again when a run asks for it, and not before', async () => {
    const { scheduler, begun, advance } = setUp();
    scheduler.wake(one);
    begun[0]?.end(6_000);
    await advance(4_999);
    expect(begun).toHaveLength(1);
    await advance(1);
    expect(begun).toHaveLength(2);
  });

  it('keeps the earlier of two times', async () => {
    const { scheduler, begun, advance } = setUp();
    scheduler.wake(one, {}, 5_000);
    scheduler.wake(one, {}, 9_000);
    scheduler.wake(two, {}, 9_000);
    scheduler.wake(two, {}, 5_000);
    await advance(4_000);
    expect(idsOf(begun)).toEqual([one, two]);
    begun.forEach(({ end }) => end());
    await advance(10_000);
    expect(begun).toHaveLength(2);
  });

  it('brings forward what waits', async () => {
    const { scheduler, begun } = setUp();
    scheduler.wake(one, { look: true }, 90_000);
    scheduler.hasten();
    await settle();
    expect(begun).toMatchObject([{ id: one, options: { look: true, force: true } }]);
  });

  it('tries again after an error of ours or of the store', async () => {
    const { scheduler, begun, advance, log } = setUp();
    scheduler.wake(one, { look: true });
    begun[0]?.fail(new StoreDown('away'));
    await advance(5_000);
    expect(begun).toMatchObject([{}, { options: { look: true } }]);
    begun[1]?.fail(new TypeError('a bug'));
    await advance(5_000);
    expect(begun).toHaveLength(3);
    expect([log.warn.mock.calls.length, log.error.mock.calls.length]).toEqual([1, 1]);
  });

  it('tells when a cluster is done, and when all are', async () => {
    const { scheduler, begun } = setUp(1);
    const done: string[] = [];
    scheduler.wake(one);
    scheduler.wake(two);
    void scheduler.ended(one).then(() => done.push('one'));
    void scheduler.ended(two).then(() => done.push('two'));
    void scheduler.idle().then(() => done.push('all'));
    await settle();
    expect(done).toEqual([]);
    begun[0]?.end(99_000);
    await settle();
    expect(done).toEqual(['one']);
    begun[1]?.end();
    await settle();
    expect(done).toEqual(['one', 'two', 'all']);
  });

  it('stops: starts nothing, waits for what runs, and tells it to give up after a while', async () => {
    const { scheduler, begun, signals, timers, advance } = setUp(1);
    scheduler.wake(one);
    scheduler.wake(two);
    scheduler.wake(ids[2]!, {}, 9_000);
    let stopped = false;
    void scheduler.stop().then(() => (stopped = true));
    await advance(4_999);
    expect([signals[0]?.aborted, stopped]).toEqual([false, false]);
    await advance(1);
    expect(signals[0]?.aborted).toBe(true);
    begun[0]?.fail(new Error('aborted'));
    await settle();
    expect(stopped).toBe(true);
    expect(begun).toHaveLength(1);
    expect(timers.size).toBe(0);
  });
});
