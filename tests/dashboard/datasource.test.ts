import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import {
  startTestEnv,
  type Instance,
  type InstanceOptions,
  type TestEnv,
} from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();

/** Makes or changes a data source, as somebody does by hand. */
async function put(env: TestEnv, uid: string, more: { type?: string; isDefault?: boolean } = {}) {
  const { grafana } = env;
  const source = { uid, name: uid, type: 'prometheus', access: 'proxy', url: 'http://x', ...more };
  const exists = (await env.client.findDatasource(uid)) !== null;
  const path = `/api/datasources${exists ? `/uid/${uid}` : ''}`;
  const response = await fetch(`${grafana.url}${path}`, {
    method: exists ? 'PUT' : 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}`,
    },
    body: JSON.stringify(source),
  });
  expect(response.status).toBe(200);
}

async function created(env: TestEnv, options: InstanceOptions = {}): Promise<Instance> {
  const service = env.instance(options);
  service.resyncLoop.start();
  await service.deliver('created', { id, name: 'east' });
  await env.advance(second);
  return service;
}

/** The uids that the queries of all dashboards ask. */
function asked(env: TestEnv): string[] {
  const texts = env.grafana.dashboards().map(({ data }) => JSON.stringify(data['panels']));
  const uids = texts.flatMap((text) => [...text.matchAll(/"datasource":\{[^}]*"uid":"([^"]+)"/g)]);
  return [...new Set(uids.map(([, uid = '']) => uid))];
}

describe('the data source that dashboards ask', () => {
  it.each<[string, string[], InstanceOptions, string]>([
    ['the configured one', ['prometheus', 'other'], {}, 'prometheus'],
    ['the only one of its type, where that is missing', ['other'], {}, 'other'],
    ['the configured one, to come, where there is none', [], {}, 'prometheus'],
    [
      'one that is made, where it is said how',
      ['other'],
      { datasourceUrl: 'http://127.0.0.1:9090' },
      'prometheus',
    ],
  ])('is %s', async (_, uids, options, wanted) => {
    await using env = await startTestEnv({ templates });
    await put(env, 'logs', { type: 'loki', isDefault: true });
    for (const uid of uids) await put(env, uid);

    await created(env, options);

    expectExactly(env, [{ id, name: 'east' }]);
    expect(asked(env)).toEqual([wanted]);
  });

  it('is the configured one, where we may not see any', async () => {
    await using env = await startTestEnv({ templates });
    await put(env, 'other');
    env.grafana.fail(403, { match: /^GET \/api\/datasources/ });

    await created(env);

    expect(asked(env)).toEqual(['prometheus']);
  });

  it('changes with Grafana, and nobody is said to have changed a dashboard', async () => {
    await using env = await startTestEnv({ templates });
    await put(env, 'other');
    const service = await created(env, { drift: 'keep' });
    await put(env, 'prometheus');

    await env.advance(25 * minute);

    expect(asked(env)).toEqual(['prometheus']);
    expect(service.statusCounts.at(-1)).toMatchObject({ ready: 1, drifted: 0 });
  });

  it('is not guessed among several: nothing is published until somebody says which', async () => {
    await using env = await startTestEnv({ templates });
    await put(env, 'a');
    await put(env, 'b');
    const service = await created(env);

    expect(env.grafana.dashboards()).toEqual([]);
    expect((await service.records.get(id))?.record.work.error).toMatchObject({
      code: 'datasource_unclear',
      lasting: true,
      message: expect.stringContaining('set GRAFANA_DATASOURCE_UID to one of a, b'),
    });

    await put(env, 'b', { isDefault: true });
    await env.advance(minute);
    await service.desiredState.handleRequest(id, { kind: 'provision' });
    await env.advance(second);

    expectExactly(env, [{ id, name: 'east' }]);
    expect(asked(env)).toEqual(['b']);
  });

  it.each([[{}], [{ datasourceUrl: 'http://127.0.0.1:9090' }]])(
    'is none of a type that knows no PromQL, whatever is asked for: %j',
    async (options) => {
      await using env = await startTestEnv({ templates });
      await put(env, 'prometheus', { type: 'loki' });
      const service = await created(env, options);

      expect(env.grafana.dashboards()).toEqual([]);
      expect((await service.records.get(id))?.record.work.error).toMatchObject({
        code: 'datasource_unclear',
        lasting: true,
        message: expect.stringContaining('is of type loki'),
      });

      await put(env, 'prometheus');
      await env.advance(minute);
      await service.desiredState.handleRequest(id, { kind: 'provision' });
      await env.advance(second);
      expectExactly(env, [{ id, name: 'east' }]);
    },
  );

  it('hinders no deletion', async () => {
    await using env = await startTestEnv({ templates });
    const service = await created(env);
    await put(env, 'a');
    await put(env, 'b');
    await env.advance(11 * minute);

    await service.deliver('deleted', { id, time: env.time.now() });
    await env.advance(second);

    expectExactly(env, []);
  });
});
