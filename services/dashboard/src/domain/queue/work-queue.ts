import type { ClusterId } from '@bud-monitoring/contracts';
import { StoreDown, type Clock, type Log, type Timers } from '../../ports.js';

/** How a reconcile is meant. */
export interface ReconcileOptions {
  /** Read Grafana even if the record says that nothing is missing. */
  observe?: boolean;
  /** Read only one of the cluster's dashboards, or its link: each number another, by turns. */
  part?: number;
  /** Try even if the backoff has not ended. */
  force?: boolean;
  /** Try even if Grafana has refused the credentials a short time ago. */
  ignorePause?: boolean;
}

/** A delaying work queue: reconciles each cluster once at a time, and a limited number at once. */
export interface WorkQueue {
  /** Queues a reconcile for `at` (Unix ms), now by default; an earlier time set before stands. */
  enqueue(id: ClusterId, options?: ReconcileOptions, at?: number): void;
  /** Queues everything that waits for its time at once, whatever its backoff. */
  expedite(): void;
  /** Resolves when the reconcile of the cluster that is running or queued has ended. */
  finished(id: ClusterId): Promise<void>;
  /** Resolves when nothing is running or queued. */
  idle(): Promise<void>;
  /** Starts nothing any more, and waits for what is running, which is aborted after a grace period. */
  stop(): Promise<void>;
}

interface Item {
  options: ReconcileOptions;
  /** Cancels the delay; null when it is queued. */
  cancel: (() => void) | null;
  at: number;
}

/** How long running reconciles may take after a stop. */
const graceMs = 5_000;

/** Requeue after an error that is not Grafana's: the state store is down, or a bug. */
const requeueAfterErrorMs = 5_000;

/** Both at once: to read everything includes to read a part. */
function merge(queued: ReconcileOptions | undefined, added: ReconcileOptions): ReconcileOptions {
  const { part, ...merged } = { ...queued, ...added };
  const readsAll = [queued, added].some((one) => one?.observe === true && one.part === undefined);
  return readsAll || part === undefined ? merged : { ...merged, part };
}

/** A workQueue over `reconcile`, which resolves with the Unix ms of the next reconcile, or null. */
export function createWorkQueue(options: {
  clock: Clock;
  timers: Timers;
  log: Log;
  concurrency: number;
  /** Runs work that is not its caller's: it goes on when the caller has gone. */
  detached: (work: () => Promise<void>) => Promise<void>;
  reconcile: (
    id: ClusterId,
    options: ReconcileOptions,
    signal: AbortSignal,
  ) => Promise<number | null>;
}): WorkQueue {
  const { clock, timers, log, concurrency } = options;
  const items = new Map<ClusterId, Item>();
  const queue: ClusterId[] = [];
  const running = new Map<ClusterId, Promise<void>>();
  const controller = new AbortController();
  let stopped = false;
  let waiters: { done: () => boolean; resolve: () => void }[] = [];

  function enqueue(id: ClusterId, added: ReconcileOptions = {}, at = clock.now()): void {
    if (stopped) return;
    const item = items.get(id);
    const merged = merge(item?.options, added);
    // What is queued is as early as can be: queued twice, it would block those behind it.
    if (item !== undefined && (item.cancel === null || item.at <= at)) {
      item.options = merged;
      return;
    }
    item?.cancel?.();
    const next: Item = { options: merged, at, cancel: null };
    items.set(id, next);
    const wait = at - clock.now();
    if (wait > 0) next.cancel = timers.after(wait, () => push(id, next));
    else push(id, next);
  }

  function push(id: ClusterId, item: Item): void {
    item.cancel = null;
    item.at = Math.min(item.at, clock.now());
    queue.push(id);
    startMore();
  }

  /** A cluster that is running already stays in the queue until that has ended. */
  function startMore(): void {
    while (running.size < concurrency && !stopped) {
      const n = queue.findIndex((id) => !running.has(id));
      const [id] = n < 0 ? [] : queue.splice(n, 1);
      const item = id === undefined ? undefined : items.get(id);
      if (id === undefined || item === undefined) return;
      items.delete(id);
      const end = options
        .detached(() => runOne(id, item.options))
        .then(() => {
          running.delete(id);
          startMore();
          notify();
        });
      running.set(id, end);
    }
  }

  async function runOne(id: ClusterId, reconcileOptions: ReconcileOptions): Promise<void> {
    try {
      const next = await options.reconcile(id, reconcileOptions, controller.signal);
      if (next !== null) enqueue(id, {}, next);
    } catch (error) {
      if (stopped) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof StoreDown) log.warn('the state store cannot be used', { reason });
      else log.error('the reconcile of a cluster failed', { clusterId: id, reason });
      enqueue(id, reconcileOptions, clock.now() + requeueAfterErrorMs);
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
    enqueue,
    expedite() {
      for (const [id, item] of [...items])
        if (item.cancel !== null) enqueue(id, { force: true }, clock.now());
    },
    finished(id) {
      return until(() => !running.has(id) && items.get(id)?.cancel !== null);
    },
    idle: () => until(isIdle),
    async stop() {
      stopped = true;
      for (const item of items.values()) item.cancel?.();
      items.clear();
      // A reconcile that is aborted leaves an uncertain write behind, so it may end first.
      const cancel = timers.after(graceMs, () => controller.abort(new Error('the service stops')));
      await Promise.allSettled(running.values());
      cancel();
      notify();
    },
  };
}
