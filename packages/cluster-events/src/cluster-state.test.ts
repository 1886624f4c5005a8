import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClusterEvent, ClusterEventKind } from './cluster-event.js';
import { applyToState, outrankedBy, type ClusterState } from './cluster-state.js';
import { parseEventTime } from './event-time.js';

const clusterId = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');

/** An event at a time of the hour, as `00:01` or `00:01.5`. */
const event = (kind: ClusterEventKind, time: string, name: string | null = null): ClusterEvent => ({
  kind,
  clusterId,
  name,
  time: parseEventTime(`2026-11-22T18:${time}Z`)!,
});
const after = (events: readonly ClusterEvent[]) =>
  events.reduce<ClusterState | null>(applyToState, null)!;

describe('the order of events', () => {
  it('leads to one state, whatever the order of arrival and however often', () => {
    const anyEvent = fc
      .tuple(
        fc.constantFrom<ClusterEventKind>('discovered', 'created', 'updated', 'deleted'),
        fc.constantFrom('00:00', '00:00.0', '00:00.000000001', '00:00.5', '00:01'),
        fc.constantFrom(null, 'a', 'b'),
      )
      .map(([kind, time, name]) => event(kind, time, name));
    fc.assert(
      fc.property(
        fc
          .array(anyEvent, { minLength: 1, maxLength: 8 })
          .chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length }),
            ),
          ),
        ([events, delivered]) => expect(after(delivered)).toEqual(after(events)),
      ),
    );
  });

  it.each<[string, ClusterEvent[], 'living' | 'deleted']>([
    [
      'one instant: the deletion',
      [event('created', '00:01.5'), event('deleted', '00:01.5')],
      'deleted',
    ],
    [
      'one whole second: the deletion',
      [event('created', '00:01'), event('deleted', '00:01')],
      'deleted',
    ],
    [
      'a whole second and a finer creation',
      [event('created', '00:01.0'), event('deleted', '00:01')],
      'living',
    ],
    [
      'a whole second and a finer deletion',
      [event('created', '00:01'), event('deleted', '00:01.9')],
      'deleted',
    ],
    [
      'nanoseconds',
      [event('deleted', '00:01.000000001'), event('created', '00:01.000000002')],
      'living',
    ],
  ])('decides %s', (_, events, state) => {
    expect(after(events).life.state).toBe(state);
    expect(after([...events].reverse()).life.state).toBe(state);
  });

  it('takes a name from a creation that an update without a name overtook', () => {
    const events = [event('created', '00:01', 'a'), event('updated', '00:02')];
    expect(after([...events].reverse())).toEqual(after(events));
    expect(after(events).name?.value).toBe('a');
  });
});

describe('outrankedBy', () => {
  const created = event('created', '00:01', 'a');
  const deleted = event('deleted', '00:01');
  it.each<[string, ClusterEvent[], ClusterEvent, [string, string] | null]>([
    ['the first event', [], created, null],
    ['the event that stands, again', [created], created, null],
    ['a newer one', [created], event('updated', '00:02', 'b'), null],
    ['a late creation that brings the name', [event('updated', '00:02')], created, null],
    [
      'a creation in the second of a deletion',
      [created, deleted],
      event('created', '00:01', 'b'),
      ['tie', 'deleted'],
    ],
    [
      'a deletion within the second of a finer creation',
      [event('created', '00:01.2')],
      deleted,
      ['tie', 'created'],
    ],
    ['a creation before a deletion', [event('deleted', '00:03')], created, ['older', 'deleted']],
    ['an older name', [event('updated', '00:02', 'b')], created, ['older', 'updated']],
    [
      'a name of the same instant',
      [event('updated', '00:02', 'b')],
      event('updated', '00:02', 'a'),
      ['tie', 'updated'],
    ],
  ])('tells of %s', (_, before, next, expected) => {
    const outranking = outrankedBy(before.length === 0 ? null : after(before), next);
    expect(outranking === null ? null : [outranking.reason, outranking.by.kind]).toEqual(expected);
  });
});
