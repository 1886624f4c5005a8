import { AsyncLocalStorage } from 'node:async_hooks';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { describe, expect, it, jest } from '@jest/globals';
import { StoreDown } from '../../ports.js';
import { createWorkQueue, type ReconcileOptions } from './work-queue.js';

const ids = Array.from({ length: 5 }, (_, n) =>
  clusterIdSchema.parse(`00000000-0000-4000-8000-00000000000${n}`),
);
const [one, two] = ids as [ClusterId, ClusterId];

interface Begun {
  id: ClusterId;
  options: ReconcileOptions;
  end: (due?: number | null) => void;
  fail: (error: Error) => void;
}

/** What is done for a caller, as long as it waits. */
const caller = new AsyncLocalStorage<string>();

function setUp(concurrency = 2) {
  const callers: (string | undefined)[] = [];
  let now = 1_000;
  const timers = new Set<{ at: number; callback: () => void }>();
  const begun: Begun[] = [];
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const signals: AbortSignal[] = [];
  const workQueue = createWorkQueue({
    clock: { now: () => now },
    timers: {
      after(ms, callback) {
        const timer = { at: now + ms, callback };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    log,
    // As if the caller had gone: work of its own goes on.
    detached: (work) => caller.exit(work),
    concurrency,
    reconcile: (id, options, signal) => {
      signals.push(signal);
      callers.push(caller.getStore());
      return new Promise((resolve, reject) =>
        begun.push({ id, options, end: (due = null) => resolve(due), fail: reject }),
      );
    },
  });
  return {
    workQueue,
    begun,
    log,
    signals,
    callers,
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

describe('createWorkQueue', () => {
  it('runs so many at once and no more', async () => {
    const { workQueue, begun } = setUp(2);
    ids.forEach((id) => workQueue.enqueue(id));
    expect(begun).toHaveLength(2);
    begun[0]?.end();
    await settle();
    expect(idsOf(begun)).toEqual(ids.slice(0, 3));
  });

  it('runs nothing on behalf of whoever asked for it, now or later', async () => {
    const { workQueue, begun, callers, advance } = setUp(1);
    caller.run('first', () => {
      workQueue.enqueue(one);
    });
    caller.run('second', () => {
      workQueue.enqueue(two);
    });
    begun[0]?.fail(new Error('away'));
    await settle();
    begun[1]?.end();
    await advance(5_000);
    expect(idsOf(begun)).toEqual([one, two, one]);
    expect(callers).toEqual([undefined, undefined, undefined]);
  });

  it('lets nothing wait behind a cluster that was due before it was queued', async () => {
    const { workQueue, begun } = setUp(1);
    workQueue.enqueue(one);
    workQueue.enqueue(one);
    begun[0]?.end(500);
    await settle();
    workQueue.enqueue(two);
    begun[1]?.end();
    await settle();
    expect(idsOf(begun)).toEqual([one, one, two]);
  });

  it('never reconciles one cluster twice at once, and does it again if it was queued meanwhile', async () => {
    const { workQueue, begun } = setUp();
    workQueue.enqueue(one);
    workQueue.enqueue(one, { observe: true });
    workQueue.enqueue(one, { force: true });
    expect(begun).toHaveLength(1);
    begun[0]?.end();
    await settle();
    expect(begun).toMatchObject([{ options: {} }, { options: { observe: true, force: true } }]);
  });

  it('lets others pass one that waits for its own end', async () => {
    const { workQueue, begun } = setUp();
    workQueue.enqueue(one);
    workQueue.enqueue(one);
    workQueue.enqueue(two);
    await settle();
    expect(idsOf(begun)).toEqual([one, two]);
  });

  it('reconciles again when a reconcile asks for it, and not before', async () => {
    const { workQueue, begun, advance } = setUp();
    workQueue.enqueue(one);
    begun[0]?.end(6_000);
    await advance(4_999);
    expect(begun).toHaveLength(1);
    await advance(1);
    expect(begun).toHaveLength(2);
  });

  it('keeps the earlier of two times', async () => {
    const { workQueue, begun, advance } = setUp();
    workQueue.enqueue(one, {}, 5_000);
    workQueue.enqueue(one, {}, 9_000);
    workQueue.enqueue(two, {}, 9_000);
    workQueue.enqueue(two, {}, 5_000);
    await advance(4_000);
    expect(idsOf(begun)).toEqual([one, two]);
    begun.forEach(({ end }) => end());
    await advance(10_000);
    expect(begun).toHaveLength(2);
  });

  it('expedites what waits', async () => {
    const { workQueue, begun } = setUp();
    workQueue.enqueue(one, { observe: true }, 90_000);
    workQueue.expedite();
    await settle();
    expect(begun).toMatchObject([{ id: one, options: { observe: true, force: true } }]);
  });

  it('requeues after an error of ours or of the state store', async () => {
    const { workQueue, begun, advance, log } = setUp();
    workQueue.enqueue(one, { observe: true });
    begun[0]?.fail(new StoreDown('away'));
    await advance(5_000);
    expect(begun).toMatchObject([{}, { options: { observe: true } }]);
    begun[1]?.fail(new TypeError('a bug'));
    await advance(5_000);
    expect(begun).toHaveLength(3);
    expect([log.warn.mock.calls.length, log.error.mock.calls.length]).toEqual([1, 1]);
  });

  it('tells when a cluster is done, and when all are', async () => {
    const { workQueue, begun } = setUp(1);
    const done: string[] = [];
    workQueue.enqueue(one);
    workQueue.enqueue(two);
    void workQueue.finished(one).then(() => done.push('one'));
    void workQueue.finished(two).then(() => done.push('two'));
    void workQueue.idle().then(() => done.push('all'));
    await settle();
    expect(done).toEqual([]);
    begun[0]?.end(99_000);
    await settle();
    expect(done).toEqual(['one']);
    begun[1]?.end();
    await settle();
    expect(done).toEqual(['one', 'two', 'all']);
  });

  it('stops: starts nothing, waits for what runs, and aborts it after the grace period', async () => {
    const { workQueue, begun, signals, timers, advance } = setUp(1);
    workQueue.enqueue(one);
    workQueue.enqueue(two);
    workQueue.enqueue(ids[2]!, {}, 9_000);
    let stopped = false;
    void workQueue.stop().then(() => (stopped = true));
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
