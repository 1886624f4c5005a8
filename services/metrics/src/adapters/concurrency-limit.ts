/** What takes so long (ms) takes less with fewer others, and with what is this quick there may be more. */
const [slowMs, quickMs] = [3000, 1000];
/** As many are always sent at once. */
const least = 4;

/**
 * Runs at most `max` at once; the others wait in the order they came. Fewer where they are slow: many long evaluations at
 * once would all run out of time, and get nothing done sooner.
 */
export function createConcurrencyLimit(max: number, now = () => performance.now()) {
  let limit = max;
  let running = 0;
  const waiting: { readonly since: number; readonly start: () => void }[] = [];
  const adjust = (tookMs: number, hasFailed: boolean) => {
    if (tookMs > slowMs) limit = Math.min(max, Math.max(least, Math.floor(0.75 * limit)));
    // What failed at once, since its caller went or the store is away, was not quick.
    else if (tookMs < quickMs && limit < max && !hasFailed) limit += 1;
  };
  return {
    async run<T>(work: () => Promise<T>): Promise<T> {
      if (running >= limit) {
        await new Promise<void>((start) => waiting.push({ since: now(), start }));
      } else {
        running += 1;
      }
      const began = now();
      let hasFailed = true;
      try {
        const answer = await work();
        hasFailed = false;
        return answer;
      } finally {
        adjust(now() - began, hasFailed);
        running -= 1;
        // A place goes to who waits: another that asks at this moment must not take it too.
        while (running < limit && waiting.length > 0) {
          running += 1;
          waiting.shift()?.start();
        }
      }
    },
    /** How long the first of those that wait has waited, ms. */
    waitedMs: () => (waiting[0] === undefined ? 0 : now() - waiting[0].since),
  };
}
