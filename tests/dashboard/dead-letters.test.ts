import { clusterIdSchema, topics, type DeadLetterList } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { DeadLetter } from '../../services/dashboard/src/domain/events/dead-letter.js';
import { createStore } from '../../services/dashboard/src/adapters/state-store.js';
import { createDeadLetterStore } from '../../services/dashboard/src/domain/events/dead-letter-store.js';
import { expectExactly } from './support/expect-exact.js';
import { startHttpApp } from './support/http-app.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type Instance, type TestEnv } from './support/test-env.js';

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
    expect(await service.deadLetters.totals()).toMatchObject({ count: 1 });
  });

  it('is stored beside others under the same id and source, whatever the order of its fields', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    for (const name of ['east', 'west'])
      await service.eventHandler.handle(topics.clusterCreated, event({ cluster_id: 'no', name }));
    await service.eventHandler.handleDeadLetter(raw(event({ name: 'east', cluster_id: 'no' })));

    expect((await listed(service)).map(({ message }) => message).sort()).toEqual([
      expect.stringContaining('"east"'),
      expect.stringContaining('"west"'),
    ]);
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

  it('is stored once when it came raw, which names no topic on its second way', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    const flat = { cluster_id: 'no', name: 'raw' };
    await service.eventHandler.handle(topics.clusterUpdated, { ...flat, traceid: 'x' });
    await service.eventHandler.handleDeadLetter(raw(flat));
    expect(await listed(service)).toMatchObject([{ topic: topics.clusterUpdated }]);
  });

  it('is stored once however often its raw payload is delivered, under an id each time', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    for (const payload of ['no JSON', JSON.stringify(event({ cluster_id: 'no' }))]) {
      for (const deliveryId of ['first', 'second']) {
        const delivered = { ...raw(payload), id: deliveryId, topic: topics.clusterCreated };
        expect(await service.eventHandler.handle(topics.clusterCreated, delivered)).toBe('DROP');
      }
    }
    // And as it reaches the dead letter topic.
    await service.eventHandler.handleDeadLetter(raw(event({ cluster_id: 'no' })));
    await service.eventHandler.handleDeadLetter(raw('no JSON'));
    expect(await service.deadLetters.totals()).toMatchObject({ count: 2 });
  });

  it('names the cluster that it is about, of Bud’s stream too', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    const content = { status: 'COMPLETED', result: { id, name: 7 } };
    const registered = { payload: { type: 'register_cluster', event: 'results', content }, time };
    const text = `Cluster ${id} was deleted successfully`;
    const deleted = {
      time: 'noon',
      payload: { type: 'delete_cluster', event: 'results', content: { message: text } },
    };
    for (const message of [registered, deleted])
      expect(await service.eventHandler.handle(topics.budAppMessages, message)).toBe('DROP');
    expect((await listed(service)).map(({ clusterId }) => clusterId)).toEqual([id, id]);
  });

  it('is cut where it is too large, and says so instead of being replayed', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    const data = { cluster_id: 'no', name: 'x'.repeat(3_000_000) };
    await service.eventHandler.handle(topics.clusterCreated, event(data));
    const [deadLetter] = await listed(service);
    expect(deadLetter).toMatchObject({
      truncated: true,
      bytes: JSON.stringify(event(data)).length,
      eventId: 'e1',
      source: 'cluster-manager',
    });
    expect(deadLetter?.message).toHaveLength(256 * 1024);
    expect(deadLetter?.message).toContain('"cluster_id":"no"');
    expect(await service.eventHandler.replay(deadLetter!)).toEqual({
      ok: false,
      reason: expect.stringMatching(/3000\d+ bytes is stored: publish it again/),
    });
  });
});

describe('too many dead letters', () => {
  const store = (env: TestEnv, limits: { count: number; bytes: number }) => {
    const dropped: number[] = [];
    const deadLetters = createDeadLetterStore({
      store: createStore({ state: env.state }),
      clock: env.time,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      limits,
      onDropped: (count) => void dropped.push(count),
    });
    const add = (n: number, more = '') =>
      deadLetters.add({ topic: 't', reason: 'r', message: { id: `e${n}`, more } });
    return { deadLetters, dropped, add };
  };
  const stored = (env: TestEnv) =>
    [...env.state.all().keys()].filter((key) => key.startsWith('dead-letter:')).length;

  it('drop the oldest, counted, by number', async () => {
    await using env = await startTestEnv({ templates });
    const { deadLetters, dropped, add } = store(env, { count: 20, bytes: 1_000_000 });
    for (let n = 0; n < 50; n += 1) {
      await add(n);
      await env.advance(10 * 60_000);
    }
    const { count } = await deadLetters.totals();
    expect(count).toBeLessThanOrEqual(20);
    expect(stored(env)).toBe(count);
    expect(dropped.reduce((a, b) => a + b, 0)).toBe(50 - count);
    const all = await deadLetters.list({ after: null, limit: 100, maySee: () => true });
    expect(all.deadLetters.map(({ eventId }) => eventId)).toEqual(
      Array.from({ length: count }, (_, n) => `e${49 - n}`),
    );
    expect(all).toMatchObject({ total: count, next: null });
  });

  it('drop the oldest by bytes, in a flood', async () => {
    await using env = await startTestEnv({ templates });
    const { deadLetters, dropped, add } = store(env, { count: 1_000, bytes: 100_000 });
    await Promise.all(Array.from({ length: 200 }, (_, n) => add(n, 'x'.repeat(2_000))));
    await add(200, 'x'.repeat(2_000));
    const { count, bytes } = await deadLetters.totals();
    expect(bytes).toBeLessThanOrEqual(100_000);
    expect(count).toBeGreaterThan(30);
    expect(stored(env)).toBe(count);
    expect(dropped.length).toBeGreaterThan(0);
  });

  it('are listed in pages, all of them: a thousand at once', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    const added = Array.from({ length: 1_000 }, (_, n) =>
      service.eventHandler.handle(topics.clusterCreated, event({}, { id: `e${n}` })),
    );
    await Promise.all(added);
    const seen = new Set<string>();
    for (let after: string | null = null, pages = 0; pages < 10; pages += 1) {
      const page = await service.deadLetters.list({ after, limit: 100, maySee: () => true });
      page.deadLetters.forEach((deadLetter) => seen.add(deadLetter.id));
      expect([page.total, page.next === null]).toEqual([1_000, pages === 9]);
      after = page.next;
    }
    expect(seen.size).toBe(1_000);
  });
});

describe('over HTTP', () => {
  it('are looked at and deleted, one or all', async () => {
    await using app = await startHttpApp();
    for (const n of [1, 2, 3])
      await app.deliver('cluster-created', JSON.stringify({ id: `e${n}`, data: 1 }));
    const { body } = await app.request<DeadLetterList>('GET', '/dead-letters?limit=2');
    expect(body.data).toMatchObject({ total: 3, next: body.data.dead_letters[1]!.id });
    const first = body.data.dead_letters[0]!.id;
    const one = await app.request('GET', `/dead-letters/${first}`);
    expect(one.body.data).toMatchObject({
      message: '{"id":"e3","data":1}',
      bytes: 20,
      event_id: 'e3',
    });
    const answers = [
      await app.request('DELETE', `/dead-letters/${first}`),
      await app.request('DELETE', `/dead-letters/${first}`),
      await app.request('DELETE', '/dead-letters'),
      await app.request('GET', '/dead-letters'),
    ];
    expect(answers).toMatchObject([
      { status: 200, body: { data: { deleted: 1 } } },
      { status: 404 },
      { status: 200, body: { data: { deleted: 2 } } },
      { status: 200, body: { data: { total: 0, dead_letters: [] } } },
    ]);
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
      {
        clusterId: id,
        reason: expect.stringMatching(/deliveries ran out/),
        replayedAt: env.time.now() - 1_000,
      },
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
    const { deadLetter } = await service.deadLetters.add({
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
