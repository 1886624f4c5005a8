import { expect } from '@jest/globals';

/** Waits up to 30 s until something is as it should be; what came last is what a failure shows. */
export async function expectSoon(get: () => Promise<unknown>, wanted: unknown): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const got = await get();
    if (JSON.stringify(got) === JSON.stringify(wanted) || performance.now() > deadline) {
      expect(got).toEqual(wanted);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
