import { eventTimeFromMs } from '@bud-monitoring/cluster-events';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { ClusterRecord, Observed, Work } from '../state/record.js';
import { targetOf } from '../state/desired.js';
import { applyEvent } from '../state/transitions.js';
import { announcementOf } from './outgoing-event.js';

const clusterId = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const sharing = { allowed: true };
const now = Date.parse('2026-11-22T18:00:00Z');
const token = 'a'.repeat(32);

const created = applyEvent(
  null,
  { kind: 'created', clusterId, name: 'east', time: eventTimeFromMs(now - 1_000) },
  now,
);
const deleted = applyEvent(
  created,
  { kind: 'deleted', clusterId, name: null, time: eventTimeFromMs(now) },
  now,
);

function settled(
  record: ClusterRecord,
  observed: Partial<Observed> = {},
  work: Partial<Work> = {},
): ClusterRecord {
  const target = targetOf(record, sharing, now);
  return {
    ...record,
    observed: { ...record.observed, target, ...observed },
    work: { ...record.work, ...work },
  };
}
const dashboards = {
  cluster: { uid: clusterId, version: 3, hash: 'h', revision: 'r', drifted: false },
};
const share = { uid: 's', accessToken: token, isEnabled: true };
const tell = (record: ClusterRecord, linkOf: ((token: string) => string) | null = null) =>
  announcementOf(record, { sharing, now, linkOf });

describe('announcementOf', () => {
  it('tells of dashboards that are there', () => {
    expect(tell(settled(created, { dashboards, share }))).toEqual({
      key: 'provisioned link 0 east 3',
      topic: 'dashboard-provisioned',
      event: {
        cluster_id: clusterId,
        name: 'east',
        uid: clusterId,
        version: 3,
        time: '2026-11-22T18:00:00.000Z',
      },
    });
  });

  it('tells the link only where that is wanted and it works', () => {
    const linkOf = (secret: string) => `https://grafana.example.org/${secret}`;
    expect(tell(settled(created, { dashboards, share }), linkOf)?.event.url).toBe(linkOf(token));
    const off = { ...share, isEnabled: false };
    expect(tell(settled(created, { dashboards, share: off }), linkOf)?.event.url).toBeUndefined();
  });

  it('says nothing while there is work', () => {
    expect(tell(created)).toBeNull();
  });

  it('tells what somebody has to mend, and not what passes', () => {
    const failed = (lasting: boolean) =>
      tell(
        settled(
          created,
          { target: null },
          { error: { code: 'forbidden', message: 'no', lasting, at: now } },
        ),
      );
    expect(failed(true)).toMatchObject({
      key: 'failed forbidden',
      topic: 'dashboard-failed',
      event: { reason: 'no', version: null },
    });
    expect(failed(false)).toBeNull();
  });

  it('tells of a removal where something had been told', () => {
    expect(tell(settled(deleted, {}, { announced: 'provisioned x 1' }))).toMatchObject({
      topic: 'dashboard-removed',
      event: { name: 'east', version: null },
    });
    expect(tell(settled(deleted))).toBeNull();
  });
});
