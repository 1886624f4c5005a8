import { setImmediate } from 'node:timers/promises';

/** For how long a request may hold the event loop at a time, ms. */
const holdMs = 5;

/** To be awaited in a loop: gives the event loop a turn where the loop has held it for long enough. */
export function createPace(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < holdMs) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}
