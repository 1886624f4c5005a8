import {
  readRegistryEvent,
  type RegistryEvent,
  type RegistryEventKind,
} from '@bud-monitoring/cluster-events';
import { describe, expect, it } from '@jest/globals';
import type { ClusterRecord } from '../../ports.js';
import { applyEvent } from './apply-event.js';

const id = '11111111-1111-4111-8111-111111111111';

function events(...list: [RegistryEventKind, number, string?][]): RegistryEvent[] {
  return list.map(([kind, seconds, name]) => {
    const time = new Date(seconds * 1000).toISOString();
    const event = readRegistryEvent(
      kind,
      { time, data: { cluster_id: id.toUpperCase(), name } },
      0,
    );
    if (event === null) throw new Error('unreadable');
    return event;
  });
}

function after(list: readonly RegistryEvent[]): ClusterRecord | null {
  return list.reduce<ClusterRecord | null>(
    (record, event) => applyEvent(record, event) ?? record,
    null,
  );
}

function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((one, index) =>
    orders(list.filter((_, other) => other !== index)).map((rest) => [one, ...rest]),
  );
}

describe('cluster events', () => {
  it.each<[string, [RegistryEventKind, number, string?][], object]>([
    ['created', [['created', 1, 'east']], { state: 'present', name: 'east', time: 1000 }],
    ['an update of what nobody created', [['updated', 1]], { state: 'present', name: null }],
    [
      'deleted and created again',
      [
        ['created', 1],
        ['deleted', 2],
        ['created', 3],
      ],
      { state: 'present' },
    ],
    [
      'deleted at last',
      [
        ['created', 1],
        ['updated', 2],
        ['deleted', 3],
      ],
      { state: 'deleted' },
    ],
    [
      'created and deleted at one time',
      [
        ['created', 5],
        ['deleted', 5],
      ],
      { state: 'deleted' },
    ],
    [
      'renamed',
      [
        ['created', 1, 'a'],
        ['updated', 2, 'b'],
      ],
      { state: 'present', name: 'b' },
    ],
  ])('lead to one state in whatever order they come: %s', (_what, list, expected) => {
    for (const order of orders(events(...list))) {
      expect(after([...order, ...order])).toMatchObject({ clusterId: id, ...expected });
    }
  });
});
