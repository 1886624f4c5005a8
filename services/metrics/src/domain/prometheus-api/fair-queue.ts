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
}

interface Waiter {
  enter: () => void;
  /** Went away while it waited. */
  gone: boolean;
}

export function createFairQueue({ total, perKey, waiting }: FairQueueOptions): FairQueue {
  const running = new Map<string, number>();
  const lines = new Map<string, Waiter[]>();
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
      while (line[0]?.gone === true) line.shift();
      const next = isFree(key) ? line.shift() : undefined;
      if (next !== undefined || line.length === 0) lines.delete(key);
      if (next === undefined) continue;
      if (line.length > 0) lines.set(key, line);
      waits -= 1;
      next.enter();
    }
  }

  return {
    async enter(key, signal) {
      signal.throwIfAborted();
      if (isFree(key) && !lines.has(key)) return start(key);
      if (waits >= waiting) throw new QueueFull('too many queries wait already');
      waits += 1;
      return new Promise<() => void>((resolve, reject) => {
        const leave = () => {
          waiter.gone = true;
          waits -= 1;
          reject(signal.reason as Error);
        };
        const waiter: Waiter = {
          gone: false,
          enter() {
            signal.removeEventListener('abort', leave);
            resolve(start(key));
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        lines.set(key, [...(lines.get(key) ?? []), waiter]);
      });
    },
  };
}
