import { describe, expect, it } from '@jest/globals';
import type { Documents, Entry } from '../../../ports.js';
import { createTurns, TurnLost } from './leader-lease.js';

/** One store that some replicas share, each with its clock ahead by so much. */
function world() {
  const entries = new Map<string, Entry>();
  const documents: Documents = {
    get: (key) => Promise.resolve(entries.get(key) ?? null),
    getMany: () => Promise.resolve(entries),
    save(key, value, expected) {
      const etag = entries.get(key)?.etag ?? 'absent';
      if (etag !== (expected === 'absent' ? expected : expected.etag))
        return Promise.resolve(false);
      entries.set(key, { value, etag: `${entries.size}-${Math.random()}` });
      return Promise.resolve(true);
    },
  };
  const time = { now: 1_000_000 };
  const replica = (holder: string, ahead = 0) => {
    const clock = { now: () => time.now + ahead };
    return createTurns({
      ...{ documents, clock, name: 'x', holder },
      ...{ everyMs: 60_000, leaseMs: 30_000 },
    });
  };
  return { time, replica };
}

const { signal } = new AbortController();

describe('turns', () => {
  it('are taken by one of those who come at the same time', async () => {
    const { replica } = world();
    const taken = await Promise.all(
      ['a', 'b', 'c'].map(async (holder) => (await replica(holder).take(signal)) !== null),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it.each([
    ['not again before the time has come', 53_000, false],
    ['again when it has, a moment early too', 55_000, true],
  ])('are taken %s', async (_name, later, expected) => {
    const { time, replica } = world();
    const first = await replica('a').take(signal);
    await first?.end(signal);
    time.now += later;
    expect((await replica('b').take(signal)) !== null).toBe(expected);
  });

  it('of one that died are free again when its lease is over', async () => {
    const { time, replica } = world();
    const dead = await replica('a').take(signal);
    time.now += 55_000;
    expect(await replica('b').take(signal)).not.toBeNull();
    await expect(dead?.hold(signal)).rejects.toThrow(TurnLost);
    await expect(dead?.end(signal)).rejects.toThrow(TurnLost);
  });

  it('of one that is still at it are not, however long it takes', async () => {
    const { time, replica } = world();
    const slow = await replica('a').take(signal);
    for (let step = 0; step < 10; step += 1) {
      time.now += 12_000;
      await slow?.hold(signal);
      expect(await replica('b').take(signal)).toBeNull();
    }
    await slow?.end(signal);
    expect(await replica('b').take(signal)).not.toBeNull();
  });

  it('are not blocked by a replica whose clock is far ahead', async () => {
    const { replica } = world();
    await replica('a', 3_600_000).take(signal);
    expect(await replica('b').take(signal)).not.toBeNull();
  });
});
