/** Refused at once, since too many wait already. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export interface FairQueueOptions {
  /** Most that run at once, of all keys. */
  readonly total: number;
  /** Most that run at once, of one key. */
  readonly perKey: number;
  /** Most that wait, of all keys; more are refused. */
  readonly waiting: number;
}

/** A concurrency limit that admits keys round-robin, so that one busy cluster does not starve the others. */
export interface FairQueue {
  /** Resolves with the function that releases the place; rejects with `QueueFull`, or the signal's reason. */
  acquire(key: string, signal: AbortSignal): Promise<() => void>;
  /** How many have a place, and how many wait for one. */
  readonly load: { readonly running: number; readonly waiting: number };
}

export function createFairQueue({ total, perKey, waiting }: FairQueueOptions): FairQueue {
  const running = new Map<string, number>();
  /** Waiters by key; the key that is served next comes first. No list is ever empty. */
  const waiters = new Map<string, (() => void)[]>();
  let runCount = 0;
  let waitCount = 0;

  const isFree = (key: string) => runCount < total && (running.get(key) ?? 0) < perKey;

  function start(key: string): () => void {
    runCount += 1;
    running.set(key, (running.get(key) ?? 0) + 1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      runCount -= 1;
      const remaining = (running.get(key) ?? 1) - 1;
      if (remaining === 0) running.delete(key);
      else running.set(key, remaining);
      admit();
    };
  }

  /** Admits the first waiter of each key; a key that was served goes to the end. */
  function admit(): void {
    for (const [key, list] of [...waiters]) {
      if (runCount >= total) return;
      const next = isFree(key) ? list.shift() : undefined;
      if (next === undefined) continue;
      waiters.delete(key);
      if (list.length > 0) waiters.set(key, list);
      waitCount -= 1;
      next();
    }
  }

  function drop(key: string, waiter: () => void): void {
    const list = waiters.get(key) ?? [];
    list.splice(list.indexOf(waiter), 1);
    if (list.length === 0) waiters.delete(key);
    waitCount -= 1;
  }

  return {
    async acquire(key, signal) {
      signal.throwIfAborted();
      if (isFree(key) && !waiters.has(key)) return start(key);
      if (waitCount >= waiting) {
        throw new QueueFull(
          `${waitCount} queries wait for their turn already; ask again in a moment`,
        );
      }
      return new Promise<() => void>((resolve, reject) => {
        const admitted = () => {
          signal.removeEventListener('abort', leave);
          resolve(start(key));
        };
        const leave = () => {
          drop(key, admitted);
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', leave, { once: true });
        const list = waiters.get(key);
        if (list === undefined) waiters.set(key, [admitted]);
        else list.push(admitted);
        waitCount += 1;
      });
    },
    get load() {
      return { running: runCount, waiting: waitCount };
    },
  };
}
