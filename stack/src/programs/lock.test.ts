import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLock } from './lock.js';

let directory: string;
let lock: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
  lock = join(directory, 'build.lock');
});
afterEach(() => rm(directory, { recursive: true }));

describe('the lock of a build', () => {
  it('lets one in at a time and leaves nothing behind', async () => {
    const events: string[] = [];
    const build = (name: string) =>
      withLock(
        lock,
        () => events.push(`${name} waits`),
        async () => {
          events.push(`${name} begins`);
          await new Promise((resolve) => setTimeout(resolve, 50));
          events.push(`${name} ends`);
        },
      );
    await Promise.all([build('a'), build('b')]);
    const second = events.includes('a waits') ? 'a' : 'b';
    const first = second === 'a' ? 'b' : 'a';
    expect(events.filter((event) => !event.endsWith('waits'))).toEqual([
      `${first} begins`,
      `${first} ends`,
      `${second} begins`,
      `${second} ends`,
    ]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    const fail = () => Promise.reject(new Error('no compiler'));
    await expect(withLock(lock, () => undefined, fail)).rejects.toThrow('no compiler');
    expect(await readdir(directory)).toEqual([]);
  });

  it('is taken from a holder that died', async () => {
    await writeFile(lock, '');
    const longAgo = new Date(Date.now() - 11_000);
    await utimes(lock, longAgo, longAgo);
    expect(
      await withLock(
        lock,
        () => undefined,
        () => Promise.resolve('done'),
      ),
    ).toBe('done');
  });
});
