import { expect, it } from '@jest/globals';
import type { Entry, Expected } from '../../ports.js';
import { createRoundClaim } from './round-claim.js';

const second = 1_000;

/** One key after the other, as slow as a call: two that read before either writes. */
function store() {
  const rows = new Map<string, Entry>();
  const later = () => new Promise((resolve) => setImmediate(resolve));
  return {
    async get(key: string) {
      await later();
      return rows.get(key) ?? null;
    },
    delete: () => Promise.reject(new Error('not used here')),
    getMany: () => Promise.resolve(new Map<string, Entry>()),
    async save(key: string, value: unknown, expected: Expected) {
      await later();
      const row = rows.get(key);
      const isAsExpected =
        expected === 'any' ||
        (expected === 'absent' ? row === undefined : row?.etag === expected.etag);
      if (isAsExpected) rows.set(key, { value, etag: String(Number(row?.etag ?? 0) + 1) });
      return isAsExpected;
    },
  };
}

it('goes to one replica of those that ask, and to none before it has expired', async () => {
  let now = 0;
  const shared = store();
  const clock = { now: () => now };
  const replicas = ['a', 'b', 'c'].map((holder) =>
    createRoundClaim({ store: shared, clock, holder }),
  );
  const acquired = async () => {
    const answers = await Promise.all(
      replicas.map((roundClaim) => roundClaim.acquire('all', 10 * second)),
    );
    return answers.filter(Boolean).length;
  };

  expect(await acquired()).toBe(1);
  now = 10 * second - 1;
  expect(await acquired()).toBe(0);
  now = 10 * second;
  expect(await acquired()).toBe(1);
  expect(await replicas[0]!.acquire('open', 10 * second)).toBe(true);
});

it('does not wait for a clock that was wrong', async () => {
  const shared = store();
  const at = (now: number) =>
    createRoundClaim({ store: shared, clock: { now: () => now }, holder: 'a' });
  expect(await at(1_000 * second).acquire('all', 10 * second)).toBe(true);
  expect(await at(0).acquire('all', 10 * second)).toBe(true);
});
