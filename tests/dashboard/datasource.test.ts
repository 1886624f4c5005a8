import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld, type Instance, type InstanceOptions, type World } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();

/** Makes or changes a data source, as somebody does by hand. */
async function put(world: World, uid: string, more: { type?: string; isDefault?: boolean } = {}) {
  const { grafana } = world;
  const source = { uid, name: uid, type: 'prometheus', access: 'proxy', url: 'http://x', ...more };
  const exists = (await world.client.findDatasource(uid)) !== null;
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

async function created(world: World, options: InstanceOptions = {}): Promise<Instance> {
  const service = world.instance(options);
  service.reconcile.start();
  await service.deliver('created', { id, name: 'east' });
  await world.pass(second);
  return service;
}

/** The uids that the queries of all dashboards ask. */
function asked(world: World): string[] {
  const texts = world.grafana.dashboards().map(({ data }) => JSON.stringify(data['panels']));
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
    await using world = await startWorld({ templates });
    await put(world, 'logs', { type: 'loki', isDefault: true });
    for (const uid of uids) await put(world, uid);

    await created(world, options);

    expectExactly(world, [{ id, name: 'east' }]);
    expect(asked(world)).toEqual([wanted]);
  });

  it('is the configured one, where we may not see any', async () => {
    await using world = await startWorld({ templates });
    await put(world, 'other');
    world.grafana.fail(403, { match: /^GET \/api\/datasources/ });

    await created(world);

    expect(asked(world)).toEqual(['prometheus']);
  });

  it('changes with Grafana, and nobody is said to have changed a dashboard', async () => {
    await using world = await startWorld({ templates });
    await put(world, 'other');
    const service = await created(world, { drift: 'keep' });
    await put(world, 'prometheus');

    await world.pass(25 * minute);

    expect(asked(world)).toEqual(['prometheus']);
    expect(service.surveys.at(-1)).toMatchObject({ ready: 1, drifted: 0 });
  });

  it('is not guessed among several: nothing is published until somebody says which', async () => {
    await using world = await startWorld({ templates });
    await put(world, 'a');
    await put(world, 'b');
    const service = await created(world);

    expect(world.grafana.dashboards()).toEqual([]);
    expect((await service.records.get(id))?.record.work.error).toMatchObject({
      code: 'datasource_unclear',
      lasting: true,
      message: expect.stringContaining('set GRAFANA_DATASOURCE_UID to one of a, b'),
    });

    await put(world, 'b', { isDefault: true });
    await world.pass(minute);
    await service.intake.request(id, { kind: 'provision' });
    await world.pass(second);

    expectExactly(world, [{ id, name: 'east' }]);
    expect(asked(world)).toEqual(['b']);
  });

  it('hinders no deletion', async () => {
    await using world = await startWorld({ templates });
    const service = await created(world);
    await put(world, 'a');
    await put(world, 'b');
    await world.pass(11 * minute);

    await service.deliver('deleted', { id, time: world.time.now() });
    await world.pass(second);

    expectExactly(world, []);
  });
});
