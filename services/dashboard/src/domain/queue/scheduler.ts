import type { ClusterId } from '@bud-monitoring/contracts';
import { StoreDown, type Clock, type Log, type Timers } from '../../ports.js';
import type { RunOptions } from '../reconcile/cluster-reconciler.js';

/** Decides when which cluster is worked on: never one twice at once, never too many at once. */
export interface Scheduler {
  /** Runs the cluster at `at` (Unix ms), now by default; an earlier time set before stands. */
  wake(id: ClusterId, options?: RunOptions, at?: number): void;
  /** Brings forward everything that waits for its time. */
  hasten(): void;
  /** Resolves when the run of the cluster that is under way or queued has ended. */
  ended(id: ClusterId): Promise<void>;
  /** Resolves when nothing runs and nothing is due. */
  idle(): Promise<void>;
  /** Starts nothing any more, and waits for what runs; what takes too long is told to give up. */
  stop(): Promise<void>;
}

interface Job {
  options: RunOptions;
  /** Takes the job out of waiting; null when it is queued. */
  cancel: (() => void) | null;
  at: number;
}

/** How long runs under way may take once stopping. */
const graceMs = 5_000;

/** Wait after an error that is not Grafana's: the state store is down, or the error is ours. */
const troubleMs = 5_000;

export function createScheduler(options: {
  clock: Clock;
  timers: Timers;
  log: Log;
  concurrency: number;
  run: (id: ClusterId, options: RunOptions, signal: AbortSignal) => Promise<number | null>;
}): Scheduler {
  const { clock, timers, log, concurrency } = options;
  const jobs = new Map<ClusterId, Job>();
  const queue: ClusterId[] = [];
  const running = new Map<ClusterId, Promise<void>>();
  const giveUp = new AbortController();
  let stopped = false;
  let waiters: { done: () => boolean; resolve: () => void }[] = [];

  function wake(id: ClusterId, wanted: RunOptions = {}, at = clock.now()): void {
    if (stopped) return;
    const job = jobs.get(id);
    const merged = { ...job?.options, ...wanted };
    // What is queued is as early as can be: queued twice, it would run once and stop who is behind.
    if (job !== undefined && (job.cancel === null || job.at <= at)) {
      job.options = merged;
      return;
    }
    job?.cancel?.();
    const next: Job = { options: merged, at, cancel: null };
    jobs.set(id, next);
    const wait = at - clock.now();
    if (wait > 0) next.cancel = timers.after(wait, () => enqueue(id, next));
    else enqueue(id, next);
  }

  function enqueue(id: ClusterId, job: Job): void {
    job.cancel = null;
    job.at = Math.min(job.at, clock.now());
    queue.push(id);
    startMore();
  }

  /** A cluster that runs already waits in the queue for its end. */
  function startMore(): void {
    while (running.size < concurrency && !stopped) {
      const n = queue.findIndex((id) => !running.has(id));
      const [id] = n < 0 ? [] : queue.splice(n, 1);
      const job = id === undefined ? undefined : jobs.get(id);
      if (id === undefined || job === undefined) return;
      jobs.delete(id);
      const end = runOne(id, job.options).then(() => {
        running.delete(id);
        startMore();
        notify();
      });
      running.set(id, end);
    }
  }

  async function runOne(id: ClusterId, wanted: RunOptions): Promise<void> {
    try {
      const due = await options.run(id, wanted, giveUp.signal);
      if (due !== null) wake(id, {}, due);
    } catch (error) {
      if (stopped) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof StoreDown) log.warn('the state store cannot be used', { reason });
      else log.error('the work on a cluster failed', { clusterId: id, reason });
      wake(id, wanted, clock.now() + troubleMs);
    }
  }

  const isIdle = () => running.size === 0 && (queue.length === 0 || stopped);

  function notify(): void {
    const met = waiters.filter(({ done }) => done());
    waiters = waiters.filter((waiter) => !met.includes(waiter));
    met.forEach(({ resolve }) => resolve());
  }

  function until(done: () => boolean): Promise<void> {
    return done() ? Promise.resolve() : new Promise((resolve) => waiters.push({ done, resolve }));
  }

  return {
    wake,
    hasten() {
      for (const [id, job] of [...jobs])
        if (job.cancel !== null) wake(id, { force: true }, clock.now());
    },
    ended(id) {
      return until(() => !running.has(id) && jobs.get(id)?.cancel !== null);
    },
    idle: () => until(isIdle),
    async stop() {
      stopped = true;
      for (const job of jobs.values()) job.cancel?.();
      jobs.clear();
      // What is cut off in the middle leaves doubt behind, so it may end first.
      const cancel = timers.after(graceMs, () => giveUp.abort(new Error('the service stops')));
      await Promise.allSettled(running.values());
      cancel();
      notify();
    },
  };
}
