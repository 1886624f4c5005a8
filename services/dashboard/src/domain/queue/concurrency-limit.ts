/** Runs a piece of work when there is room for it. */
export type Slots = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets `count` pieces of work run at once; the others wait in their order. */
export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
