/** Work that is refused at once, since too much waits already. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export interface FairQueueOptions {
  /** Runs at once in all. */
  readonly total: number;
  /** Runs at once for one key. */
  readonly perKey: number;
  /** Waits in all before more is refused. */
  readonly waiting: number;
}

/** Lets work in by turns of its keys, so that one busy cluster does not keep the others waiting. */
export interface FairQueue {
  /** Resolves with what lets go of the place; rejects with `QueueFull`, or the signal's reason. */
  enter(key: string, signal: AbortSignal): Promise<() => void>;
  /** How many have a place, and how many wait for one. */
  readonly load: { readonly running: number; readonly waiting: number };
}

export function createFairQueue({ total, perKey, waiting }: FairQueueOptions): FairQueue {
  const running = new Map<string, number>();
  /** Who waits, by key: the key whose turn is next comes first. No line is ever empty. */
  const lines = new Map<string, (() => void)[]>();
  let runs = 0;
  let waits = 0;

  const isFree = (key: string) => runs < total && (running.get(key) ?? 0) < perKey;

  function start(key: string): () => void {
    runs += 1;
    running.set(key, (running.get(key) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      runs -= 1;
      const others = (running.get(key) ?? 1) - 1;
      if (others === 0) running.delete(key);
      else running.set(key, others);
      admit();
    };
  }

  /** The first of each line in turn; a key that was served goes to the end. */
  function admit(): void {
    for (const [key, line] of [...lines]) {
      if (runs >= total) return;
      const next = isFree(key) ? line.shift() : undefined;
      if (next === undefined) continue;
      lines.delete(key);
      if (line.length > 0) lines.set(key, line);
      waits -= 1;
      next();
    }
  }

  function drop(key: string, waiter: () => void): void {
    const line = lines.get(key) ?? [];
    line.splice(line.indexOf(waiter), 1);
    if (line.length === 0) lines.delete(key);
    waits -= 1;
  }

  return {
    async enter(key, signal) {
      signal.throwIfAborted();
      if (isFree(key) && !lines.has(key)) return start(key);
      if (waits >= waiting) {
        throw new QueueFull(`${waits} queries wait for their turn already; ask again in a moment`);
      }
      return new Promise<() => void>((resolve, reject) => {
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve(start(key));
        };
        const leave = () => {
          drop(key, enter);
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', leave, { once: true });
        const line = lines.get(key);
        if (line === undefined) lines.set(key, [enter]);
        else line.push(enter);
        waits += 1;
      });
    },
    get load() {
      return { running: runs, waiting: waits };
    },
  };
}
