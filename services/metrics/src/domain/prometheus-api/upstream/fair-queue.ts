import type { Clock } from '../../../ports.js';

/** Refused at once, since too many wait already. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';

  constructor() {
    super('Too many queries wait for their turn already; ask again in a moment');
  }
}

export interface FairQueueOptions {
  /** Most that run at once, of all keys. */
  readonly total: number;
  /** Most that run at once, of one key. */
  readonly perKey: number;
  /** Most that wait, of all keys; more are refused. */
  readonly waiting: number;
}

/** A wait is long from here on, or from what a query takes at present on (ms). */
const longMs = 10;
/** A burst: waits of a key may be long for so long, and again once they have not been for a while (ms). */
const burstMs = 2000;
const calmMs = 250;
/** How much of the mean time of a query the last one is. */
const weight = 0.1;

interface Waiter {
  readonly since: number;
  readonly admit: () => void;
}

/**
 * A concurrency limit that admits keys round-robin, so that one busy cluster does not starve the others. A queue that
 * stands helps nobody: it is full for a key whose waits have been long for longer than a burst.
 */
export interface FairQueue {
  /** Resolves with the function that releases the place; rejects with `QueueFull`, or the signal's reason. */
  acquire(key: string, signal: AbortSignal): Promise<() => void>;
  /** Whether `acquire` would reject at once. */
  isFull(key: string): boolean;
  /** How many have a place, and how many wait for one. */
  readonly load: { readonly running: number; readonly waiting: number };
}

export function createFairQueue(
  { total, perKey, waiting }: FairQueueOptions,
  { now }: Clock,
): FairQueue {
  const running = new Map<string, number>();
  /** Waiters by key; the key that is served next comes first. No list is ever empty. */
  const waiters = new Map<string, Waiter[]>();
  /** Of each key whose waits were long of late: since when, and when they were last. */
  const longWaits = new Map<string, { readonly since: number; last: number }>();
  let meanMs = 0;
  let runCount = 0;
  let waitCount = 0;

  const isFree = (key: string) => runCount < total && (running.get(key) ?? 0) < perKey;

  function start(key: string): () => void {
    runCount += 1;
    running.set(key, (running.get(key) ?? 0) + 1);
    let isReleased = false;
    const startedAt = now();
    return () => {
      if (isReleased) return;
      isReleased = true;
      meanMs += weight * (now() - startedAt - meanMs);
      runCount -= 1;
      const remaining = (running.get(key) ?? 1) - 1;
      if (remaining === 0) running.delete(key);
      else running.set(key, remaining);
      admit();
    };
  }

  /** Admits the first waiter of each key; a key that was served goes to the end. */
  function admit(): void {
    if (waitCount === 0) return;
    for (const [key, list] of [...waiters]) {
      if (runCount >= total) return;
      const next = isFree(key) ? list.shift() : undefined;
      if (next === undefined) continue;
      waiters.delete(key);
      if (list.length > 0) waiters.set(key, list);
      waitCount -= 1;
      next.admit();
    }
  }

  function drop(key: string, waiter: Waiter): void {
    const list = waiters.get(key) ?? [];
    list.splice(list.indexOf(waiter), 1);
    if (list.length === 0) waiters.delete(key);
    waitCount -= 1;
  }

  /** Whether the line of a key stands: its waits are long, and not for a burst only. */
  function stands(key: string): boolean {
    const time = now();
    for (const [other, { last }] of longWaits) {
      // Who waits since then has seen no calm, even if nobody has come meanwhile.
      const since = waiters.get(other)?.[0]?.since ?? time;
      if (since - last > calmMs) longWaits.delete(other);
    }
    const line = waiters.get(key) ?? [];
    const waited = time - (line[0]?.since ?? time);
    // Who comes last waits for all of the line, which may have come since the first.
    const expected = (line.length * meanMs) / perKey;
    if (Math.max(waited, expected) <= Math.max(longMs, meanMs)) return false;
    const long = longWaits.get(key) ?? { since: time, last: time };
    long.last = time;
    longWaits.set(key, long);
    return time - long.since >= burstMs;
  }

  const canStart = (key: string) => isFree(key) && !waiters.has(key);

  const isFull = (key: string) => !canStart(key) && (waitCount >= waiting || stands(key));

  return {
    isFull,
    async acquire(key, signal) {
      signal.throwIfAborted();
      if (canStart(key)) return start(key);
      if (isFull(key)) throw new QueueFull();
      return new Promise<() => void>((resolve, reject) => {
        const leave = () => {
          drop(key, waiter);
          reject(signal.reason as Error);
        };
        const waiter: Waiter = {
          since: now(),
          admit: () => {
            signal.removeEventListener('abort', leave);
            resolve(start(key));
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        const list = waiters.get(key);
        if (list === undefined) waiters.set(key, [waiter]);
        else list.push(waiter);
        waitCount += 1;
      });
    },
    get load() {
      return { running: runCount, waiting: waitCount };
    },
  };
}
