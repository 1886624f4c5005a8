import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 2000;
const STALE_MS = 10_000;

/**
 * Runs `work` while no other process holds the lock file. The holder touches the file every two
 * seconds; one that was killed stops doing so and loses the lock after ten. What is locked must stand
 * two holders (builds end in a rename): the lock spares work, it does not guard data.
 */
export async function withLock<T>(
  path: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  for (let waited = false; !(await take(path)); waited = true) {
    if (!waited) onWait();
    if (await isStale(path)) await rm(path, { force: true });
    else await sleep(BEAT_MS / 4);
  }
  const beat = setInterval(() => {
    utimes(path, new Date(), new Date()).catch(() => undefined);
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch {
    return false; // given back just now
  }
}
