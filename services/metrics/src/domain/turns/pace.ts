import { setImmediate } from 'node:timers/promises';

/** For how long a request may hold the event loop at a time, ms. */
const holdMs = 5;

/** To be awaited in a loop: gives the event loop a turn where the loop has held it for long enough. */
export type Pace = () => Promise<void> | undefined;

export function createPace(): Pace {
  let since = performance.now();
  return () => {
    if (performance.now() - since < holdMs) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}

/** Takes each item, one after the other, with turns of the event loop in between; `pace` is that of a loop around it. */
export async function eachInTurns<T>(
  items: Iterable<T>,
  take: (item: T) => void,
  pace = createPace(),
): Promise<void> {
  for (const item of items) {
    const turn = pace();
    if (turn !== undefined) await turn;
    take(item);
  }
}

/**
 * What is made of each item, one after the other, with turns of the event loop in between. `pace` is that of a loop
 * around it.
 */
export async function mapInTurns<T, R>(
  items: readonly T[],
  make: (item: T) => R,
  pace = createPace(),
): Promise<R[]> {
  const made: R[] = [];
  await eachInTurns(items, (item) => made.push(make(item)), pace);
  return made;
}
