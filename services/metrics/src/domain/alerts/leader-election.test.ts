import { describe, expect, it } from '@jest/globals';
import type { Documents, Entry } from '../../ports.js';
import { createLeaderElection, LeaseLost } from './leader-election.js';

/** One store that some replicas share, each with its clock ahead by so much. */
function setUp() {
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
    return createLeaderElection({
      documents,
      clock,
      name: 'x',
      holder,
      everyMs: 60_000,
      leaseMs: 30_000,
    });
  };
  return { time, replica };
}

const { signal } = new AbortController();

describe('a leader lease', () => {
  it('is acquired by one of the replicas that try at the same time', async () => {
    const { replica } = setUp();
    const acquired = await Promise.all(
      ['a', 'b', 'c'].map(async (holder) => (await replica(holder).acquire(signal)) !== null),
    );
    expect(acquired.filter(Boolean)).toHaveLength(1);
  });

  it.each([
    ['not again before the time has come', 53_000, false],
    ['again when it has, a little early too', 55_000, true],
  ])('is acquired %s', async (_name, later, expected) => {
    const { time, replica } = setUp();
    const first = await replica('a').acquire(signal);
    await first?.release(signal);
    time.now += later;
    expect((await replica('b').acquire(signal)) !== null).toBe(expected);
  });

  it('of a replica that died is free again when it has expired', async () => {
    const { time, replica } = setUp();
    const dead = await replica('a').acquire(signal);
    time.now += 55_000;
    expect(await replica('b').acquire(signal)).not.toBeNull();
    await expect(dead?.renew(signal)).rejects.toThrow(LeaseLost);
    await expect(dead?.release(signal)).rejects.toThrow(LeaseLost);
  });

  it('of a replica that renews it is not free, however long it takes', async () => {
    const { time, replica } = setUp();
    const slow = await replica('a').acquire(signal);
    for (let step = 0; step < 10; step += 1) {
      time.now += 12_000;
      await slow?.renew(signal);
      expect(await replica('b').acquire(signal)).toBeNull();
    }
    await slow?.release(signal);
    expect(await replica('b').acquire(signal)).not.toBeNull();
  });

  it('is not blocked by a replica whose clock is far ahead', async () => {
    const { replica } = setUp();
    await replica('a', 3_600_000).acquire(signal);
    expect(await replica('b').acquire(signal)).not.toBeNull();
  });
});
