/** Asks `/health` each 100 ms until it is stopped. */
export function watchHealth(url: string): { stop(): Promise<{ slowestMs: number }> } {
  let slowestMs = 0;
  const under = new Set<Promise<void>>();
  const ask = async () => {
    const began = performance.now();
    const { body, ok } = await fetch(`${url}/health`);
    await body?.cancel();
    slowestMs = Math.max(slowestMs, ok ? performance.now() - began : Infinity);
  };
  const timer = setInterval(() => {
    const one = ask().catch(() => void (slowestMs = Infinity));
    under.add(one);
    void one.finally(() => under.delete(one));
  }, 100);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(under);
      return { slowestMs };
    },
  };
}
