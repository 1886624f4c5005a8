import { inspect } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from '@jest/globals';

import { runInContext } from '../context.js';
import { failureOf, startUpstream, type FakeUpstream, type Reply } from '../testing/upstream.js';
import { createDapr, type DaprOptions } from './dapr.js';
import type { Dapr } from './types.js';

const open: Dapr[] = [];
afterEach(async () => {
  for (const dapr of open.splice(0)) await dapr.stop();
});

function daprOn(sidecar: FakeUpstream, options: Partial<DaprOptions> = {}): Dapr {
  const dapr = createDapr({ baseUrl: sidecar.url, timeoutMs: 2_000, ...options });
  open.push(dapr);
  return dapr;
}

const fault = (status: number, errorCode: string, message = 'why'): Reply => ({
  status,
  json: { errorCode, message },
});
const hang: Reply = { raw: () => undefined };

describe('invoke', () => {
  const target = 'GET /v1.0/invoke/bud-cluster/method/cluster/1/nodes';
  const call = { method: 'GET', path: '/cluster/1/nodes' } as const;

  it('hands over any answer of the app, JSON parsed, with token and trace', async () => {
    await using sidecar = await startUpstream({
      [target]: [{ json: { a: 1 } }, { status: 404, json: { object: 'error' } }, { text: 'plain' }],
    });
    const dapr = daprOn(sidecar, { apiToken: 'hush' });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answers = await runInContext({ requestId: 'r', traceparent }, async () => [
      await dapr.invoke('bud-cluster', { ...call, query: { a: ['1', '2'] } }),
      await dapr.invoke('bud-cluster', call),
      await dapr.invoke('bud-cluster', call),
    ]);
    expect(answers).toMatchObject([
      { status: 200, body: { a: 1 } },
      { status: 404, body: { object: 'error' } },
      { status: 200, body: 'plain' },
    ]);
    expect(sidecar.seen[0]?.query.getAll('a')).toEqual(['1', '2']);
    expect(sidecar.seen[0]?.headers).toMatchObject({
      'dapr-api-token': 'hush',
      'x-request-id': 'r',
    });
    expect(sidecar.seen[0]?.headers['traceparent']).toContain('0af7651916cd43dd8448eb211c80319c');
  });

  it('sends no token it was not given, whatever the environment says', async () => {
    await using sidecar = await startUpstream({ [target]: { json: {} } });
    process.env['DAPR_API_TOKEN'] = 'from-the-environment';
    try {
      await daprOn(sidecar).invoke('bud-cluster', call);
    } finally {
      delete process.env['DAPR_API_TOKEN'];
    }
    expect(sidecar.seen[0]?.headers).not.toHaveProperty('dapr-api-token');
  });

  it.each<[Reply, string]>([
    [fault(500, 'ERR_DIRECT_INVOKE', "couldn't find service: x"), 'unreachable'],
    [fault(403, 'ERR_DIRECT_INVOKE'), 'forbidden'],
    [{ status: 401, text: 'invalid api token\n' }, 'unauthorized'],
    // The app broke off before it answered.
    [{ status: 200, text: '' }, 'unreachable'],
  ])('takes what the sidecar could not deliver as its failure: %j', async (reply, code) => {
    await using sidecar = await startUpstream({ [target]: [reply] });
    const failure = await failureOf(daprOn(sidecar).invoke('bud-cluster', call));
    expect(failure).toMatchObject({ name: 'UpstreamError', upstream: 'dapr', code });
  });

  it('ends a call that hangs, at the limit of the call', async () => {
    await using sidecar = await startUpstream({ [target]: hang });
    const failure = await failureOf(
      daprOn(sidecar).invoke('bud-cluster', { ...call, timeoutMs: 100 }),
    );
    expect(failure).toMatchObject({ code: 'timeout' });
  });
});

describe('publish', () => {
  const target = 'POST /v1.0/publish/pubsub/cluster-created';

  it.each([[{ a: 1 }], [0], [''], [null], [undefined]])('sends %j as JSON', async (data) => {
    await using sidecar = await startUpstream({ [target]: { status: 204 } });
    await daprOn(sidecar).publish('pubsub', 'cluster-created', data, {
      metadata: { ttlInSeconds: '9' },
    });
    expect(sidecar.seen).toMatchObject([
      { body: JSON.stringify(data ?? null), headers: { 'content-type': 'application/json' } },
    ]);
    expect(sidecar.seen[0]?.query.get('metadata.ttlInSeconds')).toBe('9');
  });

  it('sends an envelope of the given attributes', async () => {
    await using sidecar = await startUpstream({ [target]: { status: 204 } });
    const time = '2026-01-01T00:00:00Z';
    const cloudEvent = { id: 'e-1', type: 'replayed', time, source: 'here' };
    await daprOn(sidecar).publish('pubsub', 'cluster-created', { a: 1 }, { cloudEvent });
    expect(sidecar.seen[0]?.headers['content-type']).toBe('application/cloudevents+json');
    expect(JSON.parse(sidecar.seen[0]?.body ?? '')).toEqual({
      ...cloudEvent,
      specversion: '1.0',
      datacontenttype: 'application/json',
      topic: 'cluster-created',
      data: { a: 1 },
    });
  });

  it.each<[Reply, string]>([
    [fault(404, 'ERR_PUBSUB_NOT_FOUND'), 'not_found'],
    [fault(403, 'ERR_PUBSUB_FORBIDDEN'), 'forbidden'],
    [fault(500, 'ERR_PUBSUB_PUBLISH_MESSAGE'), 'unreachable'],
    [hang, 'timeout'],
  ])('throws when the broker has not got it: %j', async (reply, code) => {
    await using sidecar = await startUpstream({ [target]: [reply] });
    const published = daprOn(sidecar, { timeoutMs: 200 }).publish('pubsub', 'cluster-created', {});
    expect(await failureOf(published)).toMatchObject({ upstream: 'dapr', code });
  });
});

describe('healthy', () => {
  it('asks for the sidecar alone', async () => {
    await using sidecar = await startUpstream({
      'GET /v1.0/healthz/outbound': [{ status: 204 }, { status: 500 }, hang],
    });
    const dapr = daprOn(sidecar, { timeoutMs: 200 });
    expect(await dapr.healthy()).toBe(true);
    expect(await dapr.healthy()).toBe(false);
    expect(await dapr.healthy()).toBe(false);
  });
});

describe('metadata', () => {
  it('tells what the sidecar has loaded', async () => {
    const loaded = {
      id: 'bud-metrics',
      components: [{ name: 'pubsub', type: 'pubsub.redis' }],
      subscriptions: [{ pubsubname: 'pubsub', topic: 'cluster-created', rules: [] }],
    };
    await using sidecar = await startUpstream({
      'GET /v1.0/metadata': [{ json: loaded }, { json: {} }, { json: [] }, { status: 401 }],
    });
    const dapr = daprOn(sidecar);
    expect(await dapr.metadata()).toEqual({
      components: ['pubsub'],
      subscriptions: [{ pubsub: 'pubsub', topic: 'cluster-created' }],
    });
    expect(await dapr.metadata()).toEqual({ components: [], subscriptions: [] });
    expect(await failureOf(dapr.metadata())).toMatchObject({ code: 'bad_answer' });
    expect(await failureOf(dapr.metadata())).toMatchObject({ code: 'unauthorized' });
  });
});

describe('state, over the real SDK', () => {
  const save = 'POST /v1.0/state/statestore';
  const bulk = 'POST /v1.0/state/statestore/bulk';
  const bodyOf = (sidecar: FakeUpstream, path: string): unknown =>
    JSON.parse(sidecar.seen.findLast((request) => request.path === path)?.body ?? 'null');

  it('saves with the token, and reads a value with its etag', async () => {
    await using sidecar = await startUpstream({
      [save]: { status: 204 },
      [bulk]: { json: [{ key: 'a', data: { n: 1 }, etag: '7' }] },
    });
    const store = daprOn(sidecar, { apiToken: 'hush' }).state('statestore');
    await store.save('a', { n: 1 });
    expect(bodyOf(sidecar, '/v1.0/state/statestore')).toEqual([
      { key: 'a', value: { n: 1 }, options: {} },
    ]);
    expect(await store.get('a')).toEqual({ value: { n: 1 }, etag: '7' });
    expect(bodyOf(sidecar, '/v1.0/state/statestore/bulk')).toEqual({
      keys: ['a'],
      parallelism: 16,
    });
    for (const { headers } of sidecar.seen) expect(headers['dapr-api-token']).toBe('hush');
  });

  it('sends no token it was not given, whatever the environment says', async () => {
    await using sidecar = await startUpstream({ [save]: { status: 204 } });
    process.env['DAPR_API_TOKEN'] = 'from-the-environment';
    try {
      await daprOn(sidecar).state('statestore').save('a', 1);
    } finally {
      delete process.env['DAPR_API_TOKEN'];
    }
    for (const { headers } of sidecar.seen) expect(headers).not.toHaveProperty('dapr-api-token');
  });

  it('says what the save depends on', async () => {
    await using sidecar = await startUpstream({ [save]: { status: 204 } });
    const store = daprOn(sidecar).state('statestore');
    await store.save('a', 0, { etag: '7' });
    const options = { concurrency: 'first-write', consistency: 'strong' };
    expect(bodyOf(sidecar, '/v1.0/state/statestore')).toEqual([
      { key: 'a', value: 0, etag: '7', options },
    ]);
    await store.save('a', null, { ifAbsent: true, ttlSeconds: 30 });
    expect(bodyOf(sidecar, '/v1.0/state/statestore')).toEqual([
      { key: 'a', value: null, options, metadata: { ttlInSeconds: '30' } },
    ]);
  });

  it('finds what exists and nothing else', async () => {
    const answer = [
      { key: 'a', data: null, etag: '1' },
      { key: 'b' },
      { key: 'c', data: 0, etag: '3' },
    ];
    await using sidecar = await startUpstream({ [bulk]: { json: answer } });
    const store = daprOn(sidecar).state('statestore');
    expect(await store.getMany(['a', 'b', 'c'])).toEqual(
      new Map([
        ['a', { value: null, etag: '1' }],
        ['c', { value: 0, etag: '3' }],
      ]),
    );
    expect(await store.get('b')).toBeNull();
    expect(await store.getMany([])).toEqual(new Map());
  });

  it('throws on a save that a stale etag refuses', async () => {
    await using sidecar = await startUpstream({ [save]: fault(409, 'ERR_STATE_SAVE') });
    const saved = daprOn(sidecar).state('statestore').save('a', 1, { etag: '1' });
    expect(await failureOf(saved)).toMatchObject({
      upstream: 'dapr',
      code: 'conflict',
      status: 409,
    });
  });

  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'. script: 8f0d", 'unreachable'],
    ['NOREPLICAS Not enough good replicas to write.', 'unreachable'],
    ["READONLY You can't write against a read only replica.", 'unreachable'],
    ['MISCONF Redis is configured to save RDB snapshots', 'unreachable'],
    ['dial tcp 127.0.0.1:6379: connect: connection refused', 'unreachable'],
    ['EOF', 'unreachable'],
    ['ERR user_script:1: failed to set key bud-dashboard||cluster:OOM', 'conflict'],
    ['something else', 'conflict'],
  ])('tells a store that refuses writes from a stale etag: %s', async (words, code) => {
    const message = `possible etag mismatch. error from state store: ${words}`;
    await using sidecar = await startUpstream({
      [save]: [fault(409, 'ERR_STATE_SAVE', message), fault(500, 'ERR_STATE_SAVE', words)],
      [bulk]: { json: [{ key: 'a', data: 1, etag: '1' }] },
    });
    const store = daprOn(sidecar).state('statestore');
    expect(await failureOf(store.save('a', 1, { etag: '1' }))).toMatchObject({ code });
    expect(await failureOf(store.save('a', 1, { ifAbsent: true }))).toMatchObject({ code });
  });

  it.each<[string, unknown, string]>([
    ['exists', { key: 'a', data: 1, etag: '1' }, 'conflict'],
    ['does not exist', { key: 'a' }, 'unreachable'],
  ])('looks after a refused creation whether the key %s', async (_what, entry, code) => {
    await using sidecar = await startUpstream({
      [save]: fault(500, 'ERR_STATE_SAVE', 'failed to set key'),
      [bulk]: { json: [entry] },
    });
    const saved = daprOn(sidecar).state('statestore').save('a', 1, { ifAbsent: true });
    expect(await failureOf(saved)).toMatchObject({ code });
  });

  it('throws on every other failure', async () => {
    await using sidecar = await startUpstream({
      [save]: [fault(500, 'ERR_STATE_SAVE'), { raw: (response) => response.destroy() }],
      [bulk]: [
        fault(400, 'ERR_STATE_STORE_NOT_FOUND'),
        { json: [{ key: 'a', error: 'redis: connection refused' }] },
        { text: 'OK' },
      ],
      'DELETE /v1.0/state/statestore/a': fault(500, 'ERR_STATE_DELETE'),
    });
    const store = daprOn(sidecar).state('statestore');
    const failures: unknown[] = [];
    for (const call of [
      () => store.save('a', 1),
      () => store.save('a', 1),
      () => store.get('a'),
      () => store.get('a'),
      () => store.get('a'),
      () => store.delete('a'),
    ]) {
      failures.push(await failureOf(call()));
    }
    expect(failures).toMatchObject([
      { code: 'unreachable' },
      { code: 'unreachable' },
      { code: 'refused' },
      { code: 'unreachable' },
      { code: 'bad_answer' },
      { code: 'unreachable' },
    ]);
    expect(inspect(failures, { depth: 9 })).not.toContain('127.0.0.1');
  });

  it('asks no more for a while where reads fail one after the other, and writes all the same', async () => {
    await using sidecar = await startUpstream({
      [save]: { status: 204 },
      [bulk]: [
        ...Array.from({ length: 3 }, () => fault(500, 'ERR_STATE_BULK_GET')),
        { json: [] },
        { json: [] },
      ],
    });
    const store = daprOn(sidecar).state('statestore');
    for (let call = 0; call < 3; call += 1)
      expect(await failureOf(store.get('a'))).toMatchObject({ code: 'unreachable' });
    for (let call = 0; call < 3; call += 1)
      expect(await failureOf(store.get('a'))).toMatchObject({ code: 'circuit_open' });
    expect(sidecar.seen).toHaveLength(3);
    await store.save('a', 1);
    await sleep(1_050);
    expect(await store.get('a')).toBeNull();
    expect(await store.get('a')).toBeNull();
  });

  it('takes a creation that came too late for no failure', async () => {
    await using sidecar = await startUpstream({
      [save]: [
        ...Array.from({ length: 4 }, () => fault(500, 'ERR_STATE_SAVE', 'failed to set key')),
        { status: 204 },
      ],
      [bulk]: { json: [{ key: 'a', data: 1, etag: '1' }] },
    });
    const store = daprOn(sidecar).state('statestore');
    for (let call = 0; call < 4; call += 1)
      expect(await failureOf(store.save('a', 1, { ifAbsent: true }))).toMatchObject({
        code: 'conflict',
      });
    await store.save('b', 1);
  });

  it('deletes', async () => {
    await using sidecar = await startUpstream({
      'DELETE /v1.0/state/statestore/a%3Ab%2Bc': [{ status: 204 }],
    });
    await daprOn(sidecar).state('statestore').delete('a:b+c');
    expect(sidecar.seen.at(-1)?.method).toBe('DELETE');
  });

  it.each(['', 'a/b', 'a?b', 'a||b', 'a b', 'a%2fb', 'ä', 'x'.repeat(513)])(
    'refuses the key %j before anything is sent',
    async (key) => {
      await using sidecar = await startUpstream({});
      const store = daprOn(sidecar).state('statestore');
      expect(await failureOf(store.get(key))).toBeInstanceOf(RangeError);
      expect(await failureOf(store.save(key, 1))).toBeInstanceOf(RangeError);
      expect(await failureOf(store.delete(key))).toBeInstanceOf(RangeError);
    },
  );

  it('fails at once without a sidecar', async () => {
    const sidecar = await startUpstream({});
    const dapr = daprOn(sidecar);
    await sidecar[Symbol.asyncDispose]();
    const started = Date.now();
    const failure = await failureOf(dapr.state('statestore').get('a'));
    expect(failure).toMatchObject({ code: 'unreachable', detail: 'ECONNREFUSED' });
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  it('fails at once where the sidecar does not take our token', async () => {
    await using sidecar = await startUpstream({
      [bulk]: [{ status: 401, text: 'invalid api token' }],
    });
    const failure = await failureOf(daprOn(sidecar).state('statestore').get('a'));
    expect(failure).toMatchObject({ upstream: 'dapr', code: 'unauthorized' });
  });

  it('bounds a call that hangs, and one that the caller gives up', async () => {
    await using sidecar = await startUpstream({ [bulk]: hang });
    const store = daprOn(sidecar, { timeoutMs: 200 }).state('statestore');
    expect(await failureOf(store.get('a'))).toMatchObject({ upstream: 'dapr', code: 'timeout' });
    expect(await failureOf(store.get('a', AbortSignal.timeout(20)))).toMatchObject({
      code: 'cancelled',
    });
    const context = { requestId: 'r', signal: AbortSignal.timeout(20) };
    expect(await failureOf(runInContext(context, () => store.get('a')))).toMatchObject({
      code: 'cancelled',
    });
  });

  it('goes on for one port when another has stopped', async () => {
    let release: () => void = () => undefined;
    await using sidecar = await startUpstream({
      [bulk]: {
        raw: (response) => {
          release = () => response.end('[{"key":"a","data":1,"etag":"1"}]');
        },
      },
    });
    const [one, other] = [daprOn(sidecar), daprOn(sidecar)];
    const reading = one.state('statestore').get('a');
    while (!sidecar.seen.some(({ path }) => path.endsWith('/bulk'))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await other.stop();
    release();
    expect(await reading).toEqual({ value: 1, etag: '1' });
  });
});
