import { clusterIdSchema, topics } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { DeadLetter } from '../../services/dashboard/src/domain/events/dead-letter.js';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type Instance } from './support/test-env.js';

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
const listed = async (service: Instance): Promise<DeadLetter[]> => {
  const options = { after: null, limit: 100, maySee: () => true };
  return (await service.deadLetters.list(options)).deadLetters;
};

describe('a malformed event', () => {
  it('is stored once with its reason, on whatever route it comes and however often', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    const bad = event({ cluster_id: 'no' });

    expect(await service.eventHandler.handle(topics.clusterCreated, bad)).toBe('DROP');
    expect(await service.eventHandler.handle(topics.clusterCreated, bad)).toBe('DROP');
    expect(await service.eventHandler.handleDeadLetter(raw({ ...bad, traceid: 'x' }))).toBe(
      'SUCCESS',
    );

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

  it('is redelivered while it cannot be stored', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    env.state.down = true;
    expect(await service.eventHandler.handle(topics.clusterCreated, 'nonsense')).toBe('RETRY');
    expect(await service.eventHandler.handleDeadLetter(raw('nonsense'))).toBe('RETRY');
  });

  it.each([
    ['text that is no JSON', 'hello', 'unknown'],
    ['a topic that is not known', event({ cluster_id: id }, { topic: 'other' }), 'other'],
  ])('is stored when the dead letter topic delivers %s', async (_, message, topic) => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    expect(await service.eventHandler.handleDeadLetter(raw(message))).toBe('SUCCESS');
    expect(await listed(service)).toMatchObject([{ topic, replayedAt: null }]);
  });

  it('is forgotten after thirty days', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    await service.eventHandler.handle(topics.clusterCreated, event({}));
    await env.advance(29 * day);
    expect(await listed(service)).toHaveLength(1);
    await env.advance(2 * day);
    expect(await listed(service)).toEqual([]);
  });

  it('does not fill the store when a publisher sends nothing else', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    for (let n = 0; n < 510; n += 1)
      await service.eventHandler.handle(topics.clusterCreated, event({}, { id: `e${n}` }));
    expect(await service.deadLetters.count()).toBe(500);
  });
});

describe('an event whose deliveries ran out', () => {
  it('is listed and taken all the same, at its own time', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();

    expect(
      await service.eventHandler.handleDeadLetter(raw(event({ cluster_id: id, name: 'east' }))),
    ).toBe('SUCCESS');
    await env.advance(1_000);

    expectExactly(env, [{ id, name: 'east' }]);
    expect(await listed(service)).toMatchObject([
      { clusterId: id, reason: 'its deliveries ran out', replayedAt: env.time.now() - 1_000 },
    ]);
    expect((await service.records.get(id))?.record.desired.life.time).toMatch(/^2026-11-22T17:00/);
  });

  it('does not bring back what was deleted since', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    await service.deliver('deleted', { id });
    await service.eventHandler.handleDeadLetter(raw(event({ cluster_id: id, name: 'east' })));
    await env.advance(1_000);
    expectExactly(env, []);
  });
});

describe('a replay', () => {
  it('takes the event at its original time', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    const deadLetter = await service.deadLetters.add({
      topic: topics.clusterCreated,
      reason: 'could not be taken',
      message: event({ cluster_id: id, name: 'east' }),
    });

    expect(await service.eventHandler.replay(deadLetter)).toMatchObject({
      ok: true,
      deadLetter: { replayedAt: env.time.now() },
    });
    await env.advance(1_000);

    expectExactly(env, [{ id, name: 'east' }]);
    expect(await service.deadLetters.get(deadLetter.id)).toMatchObject({
      replayedAt: env.time.now() - 1_000,
    });
  });

  it('says why an event still cannot be taken', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    await service.eventHandler.handle(topics.clusterCreated, event({ cluster_id: 'no' }));
    const [deadLetter] = await listed(service);
    expect(await service.eventHandler.replay(deadLetter!)).toEqual({
      ok: false,
      reason: 'data.cluster_id: must be a UUID',
    });
  });
});

describe('the list of dead letters', () => {
  it('is newest first, in pages, and shows only what may be seen', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    for (let n = 0; n < 5; n += 1) {
      const data = n === 2 ? { cluster_id: id, name: 7 } : {};
      await service.eventHandler.handle(topics.clusterCreated, event(data, { id: `e${n}` }));
      await env.advance(0.6 * day);
    }
    const page = (after: string | null) =>
      service.deadLetters.list({ after, limit: 2, maySee: () => true });

    const first = await page(null);
    const second = await page(first.next);
    const third = await page(second.next);

    const all = [...first.deadLetters, ...second.deadLetters, ...third.deadLetters];
    const times = all.map(({ receivedAt }) => receivedAt);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(new Set(all.map((deadLetter) => deadLetter.id)).size).toBe(5);
    expect(third.next).toBeNull();
    const own = await service.deadLetters.list({
      after: null,
      limit: 10,
      maySee: (clusterId) => clusterId === id,
    });
    expect(own.deadLetters).toMatchObject([{ clusterId: id }]);
  });
});
