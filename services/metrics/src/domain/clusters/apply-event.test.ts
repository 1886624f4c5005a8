import {
  eventTimeFromMs,
  type ClusterEvent,
  type ClusterEventKind,
} from '@bud-monitoring/cluster-events';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { ClusterRecord } from '../../ports.js';
import { applyEvent, mergeRecords } from './apply-event.js';

const clusterId = clusterIdSchema.parse('11111111-1111-4111-8111-111111111111');

const event = (
  kind: ClusterEventKind,
  second: number,
  name: string | null = null,
): ClusterEvent => ({
  kind,
  clusterId,
  name,
  time: eventTimeFromMs(second * 1_000),
});

const after = (events: readonly ClusterEvent[]) =>
  events.reduce<ClusterRecord | null>(
    (record, next) => applyEvent(record, next).record ?? record,
    null,
  )!;

describe('applyEvent', () => {
  it('keeps the state, the name and the time in ms beside what orders the events', () => {
    expect(after([event('created', 1, 'a'), event('updated', 2)])).toMatchObject({
      clusterId,
      state: 'present',
      name: 'a',
      time: 2_000,
      events: { life: { kind: 'updated' }, name: { kind: 'created', value: 'a' } },
    });
  });

  it('gives no record where nothing changes', () => {
    const record = after([event('created', 2, 'a')]);
    expect(applyEvent(record, event('created', 2, 'a'))).toEqual({
      record: null,
      outranking: null,
    });
    expect(applyEvent(record, event('deleted', 1))).toMatchObject({
      record: null,
      outranking: { reason: 'older', by: { kind: 'created' } },
    });
  });

  it.each<[string, ClusterRecord['state'], ClusterEvent, Partial<ClusterRecord>]>([
    [
      'an older event',
      'present',
      event('deleted', 4),
      { state: 'present', name: 'old', time: 5_000 },
    ],
    ['a tie', 'present', event('deleted', 5), { state: 'deleted', name: 'old' }],
    ['a late creation', 'deleted', event('created', 4, 'b'), { state: 'deleted', name: 'old' }],
    ['a newer event', 'deleted', event('created', 6), { state: 'present', name: 'old' }],
    ['a rename', 'present', event('updated', 6, 'b'), { state: 'present', name: 'b' }],
  ])('goes on from a record of an earlier version: %s', (_, state, next, expected) => {
    const stored: ClusterRecord = { clusterId, state, name: 'old', time: 5_000 };
    expect(applyEvent(stored, next).record ?? stored).toMatchObject(expected);
  });
});

describe('mergeRecords', () => {
  it('takes the newest of both, whichever comes last', () => {
    const renamed = after([event('created', 1, 'a'), event('updated', 2, 'b')]);
    const deleted = after([event('created', 1, 'a'), event('deleted', 3)]);
    const expected = { state: 'deleted', name: 'b', time: 3_000 };
    expect(mergeRecords(renamed, deleted)).toMatchObject(expected);
    expect(mergeRecords(deleted, renamed)).toMatchObject(expected);
    expect(mergeRecords(renamed, after([event('created', 1, 'a')]))).toBeNull();
  });
});
