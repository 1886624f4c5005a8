import { expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { createKnownStatuses } from './known-statuses.js';
import { UnreadableRecord } from './record-store.js';

const ids = Array.from({ length: 450 }, (_, n) =>
  clusterIdSchema.parse(`${`${n}`.padStart(8, '0')}-6a4d-4b6e-9a51-0d4c7d0a1b2c`),
);

it('reads the clusters by parts, once for all who ask within 15 seconds, and anew after a failure', async () => {
  const parts: number[] = [];
  let now = 0;
  let isDown = true;
  const statuses = createKnownStatuses({
    index: { list: () => Promise.resolve(ids.map((id) => ({ id, pending: false }))) },
    records: {
      getMany: (some) => {
        if (isDown) return Promise.reject(new Error('down'));
        parts.push(some.length);
        return Promise.resolve(some.map((id) => new UnreadableRecord(id, 'etag', 'not ours')));
      },
    },
    sharing: { allowed: true },
    clock: { now: () => now },
  });
  await expect(statuses()).rejects.toThrow('down');
  isDown = false;
  const [one, other] = await Promise.all([statuses(), statuses()]);
  expect([...one.keys()]).toEqual(ids);
  expect(new Set(one.values())).toEqual(new Set(['unreadable']));
  expect(other).toBe(one);
  now = 14_999;
  expect(await statuses()).toBe(one);
  expect(parts).toEqual([200, 200, 50]);
  now = 15_000;
  expect(await statuses()).not.toBe(one);
});
