import { eventTimeFromMs } from '@bud-monitoring/cluster-events';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { ClusterRecord, Observed, ReconcileState } from '../state/record.js';
import { desiredGeneration } from '../state/status.js';
import { applyEvent } from '../state/transitions.js';
import { outgoingEventFor } from './outgoing-event.js';

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
  work: Partial<ReconcileState> = {},
): ClusterRecord {
  const target = desiredGeneration(record, sharing, now);
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
const eventFor = (
  record: ClusterRecord,
  publicLinkUrl: ((token: string) => string) | null = null,
) => outgoingEventFor(record, { sharing, now, publicLinkUrl });

describe('announcementOf', () => {
  it('says that the dashboards are provisioned', () => {
    expect(eventFor(settled(created, { dashboards, share }))).toEqual({
      key: 'provisioned link 0 east 3',
      isNew: true,
      topic: 'dashboard-provisioned',
      event: {
        cluster_id: clusterId,
        name: 'east',
        uid: clusterId,
        version: 3,
        link: 'created',
        time: '2026-11-22T18:00:00.000Z',
      },
    });
  });

  it('carries the link only where that is configured and the link works', () => {
    const publicLinkUrl = (secret: string) => `https://grafana.example.org/${secret}`;
    expect(eventFor(settled(created, { dashboards, share }), publicLinkUrl)?.event.url).toBe(
      publicLinkUrl(token),
    );
    const off = { ...share, isEnabled: false };
    expect(
      eventFor(settled(created, { dashboards, share: off }), publicLinkUrl)?.event.url,
    ).toBeUndefined();
  });

  it('is none while a reconcile is pending', () => {
    expect(eventFor(created)).toBeNull();
  });

  it('reports a permanent failure, and no transient one', () => {
    const failed = (lasting: boolean) =>
      eventFor(
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

  it('reports a removal where an event had been published before', () => {
    expect(eventFor(settled(deleted, {}, { announced: 'provisioned x 1' }))).toMatchObject({
      topic: 'dashboard-removed',
      event: { name: 'east', version: null },
    });
    expect(eventFor(settled(deleted))).toBeNull();
  });

  it.each<[string, Partial<ReconcileState>, string | undefined]>([
    ['an event of an earlier version', { announced: 'provisioned link 0 east 3' }, 'unchanged'],
    ['one that says that there was none', { announced: 'provisioned no link east 3' }, 'enabled'],
    ['a failure at first', { announced: 'failed forbidden' }, 'created'],
    [
      'a failure later',
      { announced: 'failed x', announcedLink: { uid: 's', enabled: true } },
      'unchanged',
    ],
    ['another link', { announcedLink: { uid: 'other', enabled: true } }, 'rotated'],
    ['one that was off', { announcedLink: { uid: 's', enabled: false } }, 'enabled'],
  ])('says what happened to the link after %s', (_, work, link) => {
    const event = eventFor(settled(created, { dashboards, share }, work));
    expect(event?.event.link).toBe(link);
  });

  it('is new where the link alone is another', () => {
    const announced = 'provisioned link 0 east 3';
    const isNew = (uid: string) =>
      eventFor(
        settled(
          created,
          { dashboards, share },
          { announced, announcedLink: { uid, enabled: true } },
        ),
      )?.isNew;
    expect([isNew('s'), isNew('other')]).toEqual([false, true]);
  });
});
