import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds; throws when it does not within ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error('it did not come to hold');
}
