import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBothServices, type BothServices, type EventService } from './support/services.js';

const now = Date.parse('2026-11-22T18:00:00Z');

let services: BothServices;
beforeAll(async () => {
  services = await startBothServices(now);
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
});

type Sent = [kind: 'created' | 'updated' | 'deleted', time: string, name?: string];

/** Delivers events of one cluster, at times of one minute, in that order. */
async function deliver(service: EventService, id: string, events: readonly Sent[]): Promise<void> {
  for (const [kind, seconds, name] of events) {
    const time = `2026-11-22T17:00:${seconds}Z`;
    const event = { specversion: '1.0', id: randomUUID(), time, data: { cluster_id: id, name } };
    await service.deliver(`/events/cluster-${kind}`, JSON.stringify(event));
  }
}

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, n) =>
        permutations([...items.slice(0, n), ...items.slice(n + 1)]).map((rest) => [item, ...rest]),
      );

describe('events of one cluster', () => {
  it.each<[string, Sent[], { living: boolean; name: string | null }]>([
    [
      'an update without a name and a creation before it',
      [
        ['created', '01', 'east'],
        ['updated', '02'],
      ],
      { living: true, name: 'east' },
    ],
    [
      'nanoseconds',
      [
        ['deleted', '01.000000001'],
        ['created', '01.000000002', 'east'],
      ],
      { living: true, name: 'east' },
    ],
    [
      'a deletion and a creation of one instant',
      [
        ['created', '01.5', 'east'],
        ['deleted', '01.5'],
      ],
      { living: false, name: 'east' },
    ],
    [
      "a deletion at the sidecar's whole second and a creation within it",
      [
        ['deleted', '01'],
        ['created', '01.000', 'east'],
      ],
      { living: true, name: 'east' },
    ],
    [
      'two names of one instant',
      [
        ['updated', '01', 'east'],
        ['updated', '01', 'west'],
      ],
      { living: true, name: 'west' },
    ],
  ])('end alike in both services in any order: %s', async (_what, events, expected) => {
    for (const order of permutations(events))
      for (const service of services.all) {
        const id = randomUUID();
        await deliver(service, id, [...order, ...order]);
        expect(service.known(id)).toMatchObject(expected);
      }
  });

  it('are counted and logged by both services where they are outranked', async () => {
    const id = randomUUID();
    const count = async (service: EventService, labels: string) => {
      const samples = await service.samples('outranked_events_total');
      return Number(samples.find((sample) => sample.includes(labels))?.split(' ')[1] ?? 0);
    };
    for (const service of services.all) {
      const [tie, older] = ['kind="created",reason="tie"', 'kind="deleted",reason="older"'];
      const before = [await count(service, tie), await count(service, older)];

      await deliver(service, id, [
        ['created', '01', 'east'],
        ['deleted', '01'],
        ['created', '01', 'east'],
        ['created', '03', 'east'],
        ['created', '03', 'east'],
        ['deleted', '02'],
      ]);

      const after = [await count(service, tie), await count(service, older)];
      expect(after).toEqual(before.map((value) => value + 1));
      expect(service.known(id)).toMatchObject({ living: true });
      const lines = service.log.filter(({ clusterId, newerKind }) => clusterId === id && newerKind);
      expect(lines).toMatchObject([
        { level: 'warn', kind: 'created', newerKind: 'deleted' },
        { level: 'info', kind: 'deleted', newerKind: 'created', eventTime: '2026-11-22T17:00:02' },
      ]);
    }
  });
});
