/** Runs a task once fewer than the limit are running. */
export type ConcurrencyLimit = <T>(task: () => Promise<T>) => Promise<T>;

/** Lets `count` tasks run at once; the others wait, first in, first out. */
export function createConcurrencyLimit(count: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
