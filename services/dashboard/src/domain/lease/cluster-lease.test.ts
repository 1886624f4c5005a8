import type { EventTime } from '@bud-monitoring/cluster-events';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { noWork, nothingObserved, type ClusterRecord } from '../state/record.js';
import type { Records } from '../state/records.js';
import { createLease } from './cluster-lease.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const leaseMs = 30_000;
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
  work: noWork,
};

/** One record in a store that gives a new etag for every write, and tells it to readers alone. */
function setUp() {
  const kept = { record: fresh, etag: 1 };
  const calls: string[] = [];
  const records: Pick<Records, 'get' | 'save'> = {
    get() {
      calls.push('get');
      return Promise.resolve({ record: kept.record, etag: String(kept.etag) });
    },
    save(record, read) {
      calls.push('save');
      if (read?.etag !== String(kept.etag)) return Promise.resolve(false);
      kept.record = record;
      kept.etag += 1;
      return Promise.resolve(true);
    },
  };
  const clock = { at: 1_000, now: () => clock.at };
  const lease = createLease({
    records: records as Records,
    stored: { record: fresh, etag: '1' },
    holder: 'we',
    clock,
    leaseMs,
  });
  const write = (change: (record: ClusterRecord) => ClusterRecord) => {
    kept.record = change(kept.record);
    kept.etag += 1;
  };
  return { lease, kept, calls, clock, write };
}

const superseded = { kind: 'superseded' };

describe('a lease', () => {
  it('is taken over what was read, and not again while more than half of it is left', async () => {
    const { lease, kept, calls, clock } = setUp();
    expect(lease.taken).toBe(false);
    await lease.hold();
    clock.at += leaseMs / 2 - 1;
    await lease.hold();
    expect(lease.taken).toBe(true);
    expect(calls).toEqual(['save']);
    expect(kept.record.work.lease).toEqual({ holder: 'we', until: 1_000 + leaseMs });
  });

  it('is prolonged when half of it has passed', async () => {
    const { lease, kept, clock } = setUp();
    await lease.hold();
    clock.at += leaseMs / 2;
    await lease.hold();
    expect(kept.record.work.lease).toEqual({ holder: 'we', until: clock.at + leaseMs });
  });

  it('is not taken over a record that was written meanwhile', async () => {
    const { lease, write } = setUp();
    write((record) => ({ ...record, desired: { ...record.desired, rotation: 1 } }));
    await expect(lease.hold()).rejects.toMatchObject(superseded);
    expect(lease.taken).toBe(false);
  });

  it.each<[string, (record: ClusterRecord) => ClusterRecord]>([
    [
      'for an old wish',
      (record) => ({ ...record, desired: { ...record.desired, dashboards: 'removed' } }),
    ],
    [
      'when another holds it',
      (record) => ({ ...record, work: { ...record.work, lease: { holder: 'they', until: 9e9 } } }),
    ],
    ['when it was given back', (record) => ({ ...record, work: { ...record.work, lease: null } })],
  ])('is not prolonged %s', async (_, change) => {
    const { lease, kept, clock, write } = setUp();
    await lease.hold();
    write(change);
    const before = kept.record;
    clock.at += leaseMs / 2;
    await expect(lease.hold()).rejects.toMatchObject(superseded);
    expect(kept.record).toBe(before);
  });
});
