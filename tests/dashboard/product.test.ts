import { readFileSync } from 'node:fs';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { DriftPolicy } from '../../services/dashboard/src/domain/reconcile/plan.js';
import { makeProduct } from '../../services/dashboard/src/domain/templates/product.js';
import { smallTemplates } from './support/small-templates.js';
import {
  startWorld,
  type Dialect,
  type Instance,
  type InstanceOptions,
  type World,
} from './support/test-env.js';

const text = readFileSync('templates/product/bud-monitoring.json', 'utf8');
const product = makeProduct(text);
const { uid } = product.dashboard;
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();

const stored = (world: World) => world.grafana.dashboards().find((one) => one.uid === uid);
const saves = (world: World) => world.grafana.count(/^POST \/api\/dashboards\/db/);

/** A world with a service in it that has had a moment. */
async function started(
  options: InstanceOptions & { dialect?: Dialect } = {},
): Promise<{ world: World } & AsyncDisposable> {
  const world = await startWorld({ templates, dialect: options.dialect ?? '9.4' });
  world.instance({ product, ...options }).reconcile.start();
  await world.pass(second);
  return { world, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

/** Somebody changes the dashboard in Grafana. */
async function edit(world: World): Promise<void> {
  const { dashboard } = (await world.client.getDashboard(uid))!;
  const title = String(dashboard['title']);
  await world.client.saveDashboard({
    dashboard: { ...dashboard, title, description: 'Mine' },
    message: 'By hand',
  });
}

describe('the dashboard of the product itself', () => {
  it.each<Dialect>(['9.4', 'later'])(
    'stands in the folder as its file says, once and not in public: Grafana %s',
    async (dialect) => {
      await using set = await started({ dialect, folder: 'Clusters' });
      const { world } = set;

      await world.pass(60 * minute);

      const folderUid = await world.client.ensureFolder('Clusters');
      expect((await world.client.getDashboard(uid))?.meta.folderUid).toBe(folderUid);
      const file = JSON.parse(text) as Record<string, unknown>;
      for (const key of ['panels', 'templating', 'title', 'refresh'])
        expect(stored(world)?.data[key]).toEqual(file[key]);
      expect(stored(world)?.version).toBe(1);
      expect(saves(world)).toBe(1);
      expect(world.grafana.shares()).toEqual([]);
    },
  );

  it('is not written where nobody asked for it', async () => {
    await using world = await startWorld({ templates });
    world.instance().reconcile.start();
    await world.pass(20 * minute);
    expect(world.grafana.dashboards()).toEqual([]);
  });

  it('is no cluster’s, and stays when the last of them is gone', async () => {
    await using set = await started();
    const { world } = set;
    const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
    const service = world.instance({ product });
    await service.deliver('created', { id, name: 'east', time: world.time.now() });
    await world.pass(minute);
    await service.deliver('deleted', { id, time: world.time.now() });
    await world.pass(minute);
    expect(world.grafana.dashboards().map((one) => one.uid)).toEqual([uid]);
  });

  it.each<DriftPolicy>(['overwrite', 'warn', 'keep'])(
    'is repaired as the policy %s says',
    async (drift) => {
      await using set = await started({ drift });
      const { world } = set;
      await edit(world);

      await world.pass(22 * minute);

      const overwritten = drift === 'overwrite';
      expect(stored(world)?.version).toBe(overwritten ? 3 : 2);
      expect(stored(world)?.data['description']).toBe(
        overwritten ? product.dashboard['description'] : 'Mine',
      );
    },
  );

  it.each<DriftPolicy>(['overwrite', 'keep'])(
    'comes back when it was deleted, under %s too',
    async (drift) => {
      await using set = await started({ drift });
      const { world } = set;
      await world.client.deleteDashboard(uid);
      await world.pass(22 * minute);
      expect(stored(world)).toBeDefined();
    },
  );

  it('is brought to a newer file, unless somebody has changed it', async () => {
    await using set = await started({ drift: 'keep' });
    const { world } = set;
    const newer = makeProduct(JSON.stringify({ ...product.dashboard, refresh: '5m' }));

    world.instance({ product: newer, drift: 'keep' }).reconcile.start();
    await world.pass(second);
    expect(stored(world)?.data['refresh']).toBe('5m');

    await edit(world);
    const newest = makeProduct(JSON.stringify({ ...product.dashboard, refresh: '10m' }));
    world.instance({ product: newest, drift: 'keep' }).reconcile.start();
    await world.pass(second);
    expect(stored(world)?.data).toMatchObject({ refresh: '5m', description: 'Mine' });
  });

  it('is written once by several replicas that start together', async () => {
    await using world = await startWorld({ templates });
    for (let n = 0; n < 5; n += 1) world.instance({ product }).reconcile.start();
    await world.pass(25 * minute);
    expect(stored(world)?.version).toBe(1);
  });

  it('waits for a Grafana that is down, and for a state store', async () => {
    await using world = await startWorld({ templates });
    world.grafanaDown = true;
    world.instance({ product }).reconcile.start();
    await world.pass(minute);
    world.grafanaDown = false;
    world.state.down = true;
    await world.pass(6 * minute);
    expect(stored(world)).toBeUndefined();
    world.state.down = false;
    await world.pass(minute);
    expect(stored(world)?.version).toBe(1);
  });

  it('says what Grafana does not allow, and does not hammer', async () => {
    await using world = await startWorld({ templates });
    world.grafana.fail(403, { match: /^POST \/api\/dashboards\/db/ });
    world.instance({ product }).reconcile.start();
    await world.pass(14 * minute);
    expect(saves(world)).toBe(1);
    expect(world.log.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { code: 'forbidden', reason: expect.stringContaining('dashboards:write') } },
    ]);
    world.grafana.clearFaults();
    await world.pass(20 * minute);
    expect(stored(world)).toBeDefined();
  });

  it('is looked at once at a time', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance({ product });
    service.reconcile.start();
    await Promise.all([service.passes.again(), world.pass(second)]);
    // Before the save and after it.
    expect(world.grafana.count(new RegExp(`GET /api/dashboards/uid/${uid}$`))).toBe(2);
  });

  describe('with credentials that are wrong', () => {
    const refused = (world: World) =>
      world.grafana.requests.filter(({ status }) => status === 401).length;
    const deliver = (service: Instance) =>
      service.deliver('created', {
        id: clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c'),
      });

    it.each([
      ['the clusters were', undefined, product],
      ['it was', product, undefined],
    ])('is not tried after %s, nor the other way round', async (_, first, then) => {
      await using world = await startWorld({ templates });
      const one = world.instance({ password: 'wrong', ...(first && { product: first }) });
      one.reconcile.start();
      if (first === undefined) await deliver(one);
      await world.pass(minute);
      expect(refused(world)).toBe(1);

      // Its client knows nothing of that: only the store does.
      const other = world.instance({ password: 'wrong', ...(then && { product: then }) });
      other.reconcile.start();
      if (then === undefined) await deliver(other);
      await world.pass(20 * minute);

      expect(refused(world)).toBe(1);
    });
  });

  it('takes no dashboard over that has its title', async () => {
    await using world = await startWorld({ templates });
    const { title } = product.dashboard;
    await world.client.saveDashboard({ dashboard: { uid: 'theirs', title }, message: 'Theirs' });
    world.instance({ product }).reconcile.start();
    await world.pass(minute);
    expect(
      world.grafana
        .dashboards()
        .map((one) => [one.uid, one.title])
        .sort(),
    ).toEqual([
      [uid, `${title} (${uid})`],
      ['theirs', title],
    ]);
  });
});
