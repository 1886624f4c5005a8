import type { EventTime } from '@bud-monitoring/cluster-events';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { initialReconcileState, nothingObserved, type ClusterRecord } from '../state/record.js';
import type { Records } from '../state/record-store.js';
import { createClusterLease } from './cluster-lease.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const durationMs = 30_000;
const time = '2026-11-22T18:00:00Z' as EventTime;
const fresh: ClusterRecord = {
  v: 1,
  id,
  desired: {
    life: { state: 'living', time, kind: 'created' },
    name: null,
    dashboards: 'wanted',
    sharing: { enabled: true, expiresAt: null },
    rotation: 0,
    since: 0,
  },
  observed: nothingObserved,
  work: initialReconcileState,
};

/** One record in a store that gives a new etag for every write, and tells it to readers alone. */
function setUp() {
  const stored = { record: fresh, etag: 1 };
  const calls: string[] = [];
  const records: Pick<Records, 'get' | 'save'> = {
    get() {
      calls.push('get');
      return Promise.resolve({ record: stored.record, etag: String(stored.etag) });
    },
    save(record, read) {
      calls.push('save');
      if (read?.etag !== String(stored.etag)) return Promise.resolve(false);
      stored.record = record;
      stored.etag += 1;
      return Promise.resolve(true);
    },
  };
  const clock = { at: 1_000, now: () => clock.at };
  const lease = createClusterLease({
    records: records as Records,
    stored: { record: fresh, etag: '1' },
    holder: 'we',
    clock,
    durationMs,
  });
  const write = (change: (record: ClusterRecord) => ClusterRecord) => {
    stored.record = change(stored.record);
    stored.etag += 1;
  };
  return { lease, stored, calls, clock, write };
}

const superseded = { kind: 'superseded' };

describe('a lease', () => {
  it('is acquired over what was read, and not renewed while more than half of it is left', async () => {
    const { lease, stored, calls, clock } = setUp();
    expect(lease.acquired).toBe(false);
    await lease.acquireOrRenew();
    clock.at += durationMs / 2 - 1;
    await lease.acquireOrRenew();
    expect(lease.acquired).toBe(true);
    expect(calls).toEqual(['save']);
    expect(stored.record.work.lease).toEqual({ holder: 'we', until: 1_000 + durationMs });
  });

  it('is renewed when half of it has passed', async () => {
    const { lease, stored, clock } = setUp();
    await lease.acquireOrRenew();
    clock.at += durationMs / 2;
    await lease.acquireOrRenew();
    expect(stored.record.work.lease).toEqual({ holder: 'we', until: clock.at + durationMs });
  });

  it('is not acquired over a record that was written meanwhile', async () => {
    const { lease, write } = setUp();
    write((record) => ({ ...record, desired: { ...record.desired, rotation: 1 } }));
    await expect(lease.acquireOrRenew()).rejects.toMatchObject(superseded);
    expect(lease.acquired).toBe(false);
  });

  it.each<[string, (record: ClusterRecord) => ClusterRecord]>([
    [
      'for an older desired state',
      (record) => ({ ...record, desired: { ...record.desired, dashboards: 'removed' } }),
    ],
    [
      'when another holds it',
      (record) => ({ ...record, work: { ...record.work, lease: { holder: 'they', until: 9e9 } } }),
    ],
    ['when it was released', (record) => ({ ...record, work: { ...record.work, lease: null } })],
  ])('is not renewed %s', async (_, change) => {
    const { lease, stored, clock, write } = setUp();
    await lease.acquireOrRenew();
    write(change);
    const before = stored.record;
    clock.at += durationMs / 2;
    await expect(lease.acquireOrRenew()).rejects.toMatchObject(superseded);
    expect(stored.record).toBe(before);
  });
});
