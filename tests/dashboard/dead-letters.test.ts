import { clusterIdSchema, topics } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Letter } from '../../services/dashboard/src/domain/events/dead-letters.js';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld, type Instance } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const day = 86_400_000;
const templates = smallTemplates();
const time = '2026-11-22T17:00:00Z';

const event = (data: unknown, more: Record<string, unknown> = {}) => ({
  id: 'e1',
  source: 'cluster-manager',
  specversion: '1.0',
  topic: topics.clusterCreated,
  time,
  data,
  ...more,
});
/** As the dead letter topic delivers it. */
const raw = (message: unknown) => ({
  id: 'other',
  datacontenttype: 'application/octet-stream',
  data_base64: Buffer.from(
    typeof message === 'string' ? message : JSON.stringify(message),
  ).toString('base64'),
  topic: topics.deadLetter,
});
const listed = async (service: Instance): Promise<Letter[]> => {
  const options = { after: null, limit: 100, maySee: () => true };
  return (await service.deadLetters.list(options)).letters;
};

describe('a malformed event', () => {
  it('is kept once with its reason, by whatever route it comes and however often', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    const bad = event({ cluster_id: 'no' });

    expect(await service.delivery.take(topics.clusterCreated, bad)).toBe('DROP');
    expect(await service.delivery.take(topics.clusterCreated, bad)).toBe('DROP');
    expect(await service.delivery.takeDeadLetter(raw({ ...bad, traceid: 'x' }))).toBe('SUCCESS');

    expect(await listed(service)).toEqual([
      expect.objectContaining({
        topic: topics.clusterCreated,
        reason: 'data.cluster_id: must be a UUID',
        clusterId: null,
        replayedAt: null,
      }),
    ]);
    expect(await service.deadLetters.count()).toBe(1);
  });

  it('waits while it cannot be kept', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    world.state.down = true;
    expect(await service.delivery.take(topics.clusterCreated, 'nonsense')).toBe('RETRY');
    expect(await service.delivery.takeDeadLetter(raw('nonsense'))).toBe('RETRY');
  });

  it.each([
    ['text that is no JSON', 'hello', 'unknown'],
    ['a topic that is not known', event({ cluster_id: id }, { topic: 'other' }), 'other'],
  ])('is kept when the dead letter topic brings %s', async (_, message, topic) => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    expect(await service.delivery.takeDeadLetter(raw(message))).toBe('SUCCESS');
    expect(await listed(service)).toMatchObject([{ topic, replayedAt: null }]);
  });

  it('is forgotten after thirty days', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    await service.delivery.take(topics.clusterCreated, event({}));
    await world.pass(29 * day);
    expect(await listed(service)).toHaveLength(1);
    await world.pass(2 * day);
    expect(await listed(service)).toEqual([]);
  });

  it('does not fill the store when a publisher goes wild', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    for (let n = 0; n < 510; n += 1)
      await service.delivery.take(topics.clusterCreated, event({}, { id: `e${n}` }));
    expect(await service.deadLetters.count()).toBe(500);
  });
});

describe('an event whose deliveries ran out', () => {
  it('is listed and taken all the same, at its own time', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();

    expect(
      await service.delivery.takeDeadLetter(raw(event({ cluster_id: id, name: 'east' }))),
    ).toBe('SUCCESS');
    await world.pass(1_000);

    expectExactly(world, [{ id, name: 'east' }]);
    expect(await listed(service)).toMatchObject([
      { clusterId: id, reason: 'its deliveries ran out', replayedAt: world.time.now() - 1_000 },
    ]);
    expect((await service.records.get(id))?.record.desired.life.time).toMatch(/^2026-11-22T17:00/);
  });

  it('does not bring back what was deleted since', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    await service.deliver('deleted', { id });
    await service.delivery.takeDeadLetter(raw(event({ cluster_id: id, name: 'east' })));
    await world.pass(1_000);
    expectExactly(world, []);
  });
});

describe('a replay', () => {
  it('takes the event at its original time', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    const letter = await service.deadLetters.add({
      topic: topics.clusterCreated,
      reason: 'could not be taken',
      message: event({ cluster_id: id, name: 'east' }),
    });

    expect(await service.delivery.replay(letter)).toMatchObject({
      ok: true,
      letter: { replayedAt: world.time.now() },
    });
    await world.pass(1_000);

    expectExactly(world, [{ id, name: 'east' }]);
    expect(await service.deadLetters.get(letter.id)).toMatchObject({
      replayedAt: world.time.now() - 1_000,
    });
  });

  it('says why an event still cannot be taken', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    await service.delivery.take(topics.clusterCreated, event({ cluster_id: 'no' }));
    const [letter] = await listed(service);
    expect(await service.delivery.replay(letter!)).toEqual({
      ok: false,
      reason: 'data.cluster_id: must be a UUID',
    });
  });
});

describe('the list of dead letters', () => {
  it('is newest first, in pages, and shows only what may be seen', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    for (let n = 0; n < 5; n += 1) {
      const data = n === 2 ? { cluster_id: id, name: 7 } : {};
      await service.delivery.take(topics.clusterCreated, event(data, { id: `e${n}` }));
      await world.pass(0.6 * day);
    }
    const page = (after: string | null) =>
      service.deadLetters.list({ after, limit: 2, maySee: () => true });

    const first = await page(null);
    const second = await page(first.next);
    const third = await page(second.next);

    const all = [...first.letters, ...second.letters, ...third.letters];
    const times = all.map(({ receivedAt }) => receivedAt);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(new Set(all.map((letter) => letter.id)).size).toBe(5);
    expect(third.next).toBeNull();
    const own = await service.deadLetters.list({
      after: null,
      limit: 10,
      maySee: (clusterId) => clusterId === id,
    });
    expect(own.letters).toMatchObject([{ clusterId: id }]);
  });
});
