import {
  eventTimeFromMs,
  type ClusterEvent,
  type ClusterEventKind,
} from '@bud-monitoring/cluster-events';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { ClusterRecord } from './record.js';
import { applyEvent, applyRequest } from './transitions.js';

const clusterId = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');

const at = (kind: ClusterEventKind, time: number, name: string | null = null): ClusterEvent => ({
  kind,
  clusterId,
  name,
  time: eventTimeFromMs(time * 1_000),
});
const created = (time: number, name?: string) => at('created', time, name);
const updated = (time: number, name?: string) => at('updated', time, name);
const deleted = (time: number) => at('deleted', time);
const discovered = (time: number) => at('discovered', time);

function after(events: readonly ClusterEvent[]): ClusterRecord {
  let record: ClusterRecord | null = null;
  for (const event of events) record = applyEvent(record, event, 5_000);
  return record!;
}

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, n) =>
        permutations([...items.slice(0, n), ...items.slice(n + 1)]).map((rest) => [item, ...rest]),
      );

const outcome = ({ desired }: ClusterRecord) => [desired.life.state, desired.name?.value ?? null];

describe('applyEvent', () => {
  it.each([
    ['a creation', [created(1, 'a')], ['living', 'a']],
    ['an update of an unknown cluster', [updated(1, 'a')], ['living', 'a']],
    ['a deletion of an unknown cluster', [deleted(1)], ['deleted', null]],
    ['a rename', [created(1, 'a'), updated(2, 'b')], ['living', 'b']],
    ['an update without a name', [created(1, 'a'), updated(2)], ['living', 'a']],
    ['a deletion', [created(1, 'a'), deleted(2)], ['deleted', 'a']],
    ['a late creation', [created(1, 'a'), deleted(3), created(2, 'b')], ['deleted', 'b']],
    ['a creation again', [created(1, 'a'), deleted(2), created(3, 'b')], ['living', 'b']],
    ['a creation and a deletion of one instant', [created(1, 'a'), deleted(1)], ['deleted', 'a']],
    ['an update and a deletion of one instant', [updated(1, 'a'), deleted(1)], ['deleted', 'a']],
    ['a creation and a rename of one instant', [created(1, 'b'), updated(1, 'a')], ['living', 'a']],
    ['two renames of one instant', [updated(1, 'a'), updated(1, 'b')], ['living', 'b']],
    ['a discovery', [discovered(1)], ['living', null]],
    ['an event after a discovery', [discovered(5), created(1, 'a')], ['living', 'a']],
    ['a discovery before a deletion', [discovered(1), deleted(2)], ['deleted', null]],
    ['a discovery after a deletion', [deleted(1), discovered(2)], ['living', null]],
    ['a discovery at the instant of a deletion', [deleted(1), discovered(1)], ['deleted', null]],
    [
      'a long story',
      [created(1, 'a'), updated(2, 'b'), deleted(3), created(4), updated(5, 'c')],
      ['living', 'c'],
    ],
  ])('ends %s in one state, whatever the order and however often', (_, events, expected) => {
    for (const order of permutations(events)) {
      const record = after(order);
      expect(outcome(record)).toEqual(expected);
      expect(after([...order, ...order])).toEqual(record);
    }
  });

  it('returns the very record when nothing changes', () => {
    const record = after([created(1, 'a'), updated(2, 'b')]);
    expect(applyEvent(record, created(1, 'a'), 9_000)).toBe(record);
    expect(applyEvent(record, updated(2, 'b'), 9_000)).toBe(record);
  });

  it('resets the backoff for a new desired state and keeps the observed state', () => {
    const before = after([created(1, 'a')]);
    const backedOff: ClusterRecord = {
      ...before,
      observed: { ...before.observed, target: 'link 0 a' },
      work: {
        ...before.work,
        attempts: 7,
        nextTry: 99_000,
        error: { code: 'forbidden', message: 'no', lasting: true, at: 1 },
        lease: { holder: 'other', until: 1 },
        doubtUntil: 5,
        announced: 'x',
      },
    };
    const record = applyEvent(backedOff, updated(2, 'b'), 6_000);
    expect(record.observed).toEqual(backedOff.observed);
    expect(record.work).toEqual({
      attempts: 0,
      nextTry: null,
      error: null,
      lease: { holder: 'other', until: 1 },
      doubtUntil: 5,
      announced: 'x',
    });
  });

  it('notes when the desired state last changed, not when it was last repeated', () => {
    const first = applyEvent(null, created(1, 'a'), 1_000);
    expect(applyEvent(first, updated(2, 'a'), 2_000).desired.since).toBe(1_000);
    expect(applyEvent(first, updated(2, 'b'), 2_000).desired.since).toBe(2_000);
  });

  it('forgets what was requested when the cluster is created again', () => {
    let record = after([created(1, 'a')]);
    record = applyRequest(record, { kind: 'share', enabled: false, expiresAt: null }, 1_000);
    record = applyRequest(record, { kind: 'remove' }, 1_000);
    expect(applyEvent(record, updated(2, 'b'), 2_000).desired).toMatchObject({
      dashboards: 'removed',
      sharing: { enabled: false },
    });
    const recreated = applyEvent(applyEvent(record, deleted(3), 3_000), created(4), 4_000);
    expect(recreated.desired).toMatchObject({ dashboards: 'wanted', sharing: { enabled: true } });
  });
});

describe('applyRequest', () => {
  const record = after([created(1, 'a')]);

  it.each([
    [{ kind: 'remove' } as const, { dashboards: 'removed' }],
    [{ kind: 'rotate' } as const, { rotation: 1 }],
    [
      { kind: 'share', enabled: true, expiresAt: 9 } as const,
      { sharing: { enabled: true, expiresAt: 9 } },
    ],
  ])('writes down %j', (request, expected) => {
    expect(applyRequest(record, request, 7_000).desired).toEqual({
      ...record.desired,
      ...expected,
      since: 7_000,
    });
  });

  it('provisions again what was removed', () => {
    const removed = applyRequest(record, { kind: 'remove' }, 7_000);
    expect(applyRequest(removed, { kind: 'provision' }, 8_000).desired.dashboards).toBe('wanted');
  });
});
