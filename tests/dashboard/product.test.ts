import { readFileSync } from 'node:fs';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { DriftPolicy } from '../../services/dashboard/src/domain/reconcile/plan.js';
import { parseProductDashboard } from '../../services/dashboard/src/domain/templates/product.js';
import { smallTemplates } from './support/small-templates.js';
import {
  startTestEnv,
  type Dialect,
  type Instance,
  type InstanceOptions,
  type TestEnv,
} from './support/test-env.js';

const text = readFileSync('templates/product/bud-monitoring.json', 'utf8');
const product = parseProductDashboard(text);
const { uid } = product.dashboard;
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();

const stored = (env: TestEnv) => env.grafana.dashboards().find((one) => one.uid === uid);
const saves = (env: TestEnv) => env.grafana.count(/^POST \/api\/dashboards\/db/);

/** A test environment with a service that has run for a second. */
async function started(
  options: InstanceOptions & { dialect?: Dialect } = {},
): Promise<{ env: TestEnv } & AsyncDisposable> {
  const env = await startTestEnv({ templates, dialect: options.dialect ?? '9.4' });
  env.instance({ product, ...options }).resyncLoop.start();
  await env.advance(second);
  return { env, [Symbol.asyncDispose]: () => env[Symbol.asyncDispose]() };
}

/** Somebody changes the dashboard in Grafana. */
async function edit(env: TestEnv): Promise<void> {
  const { dashboard } = (await env.client.getDashboard(uid))!;
  const title = String(dashboard['title']);
  await env.client.saveDashboard({
    dashboard: { ...dashboard, title, description: 'Mine' },
    message: 'By hand',
  });
}

describe('the dashboard of the product itself', () => {
  it.each<Dialect>(['9.4', 'later'])(
    'stands in the folder as its file says, once and not in public: Grafana %s',
    async (dialect) => {
      await using set = await started({ dialect, folder: 'Clusters' });
      const { env } = set;

      await env.advance(60 * minute);

      const folderUid = await env.client.ensureFolder('Clusters');
      expect((await env.client.getDashboard(uid))?.meta.folderUid).toBe(folderUid);
      const file = JSON.parse(text) as Record<string, unknown>;
      for (const key of ['panels', 'templating', 'title', 'refresh'])
        expect(stored(env)?.data[key]).toEqual(file[key]);
      expect(stored(env)?.version).toBe(1);
      expect(saves(env)).toBe(1);
      expect(env.grafana.publicDashboards()).toEqual([]);
    },
  );

  it('is not written where nobody asked for it', async () => {
    await using env = await startTestEnv({ templates });
    env.instance().resyncLoop.start();
    await env.advance(20 * minute);
    expect(env.grafana.dashboards()).toEqual([]);
  });

  it('is no cluster’s, and stays when the last of them is gone', async () => {
    await using set = await started();
    const { env } = set;
    const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
    const service = env.instance({ product });
    await service.deliver('created', { id, name: 'east', time: env.time.now() });
    await env.advance(minute);
    await service.deliver('deleted', { id, time: env.time.now() });
    await env.advance(minute);
    expect(env.grafana.dashboards().map((one) => one.uid)).toEqual([uid]);
  });

  it.each<DriftPolicy>(['overwrite', 'warn', 'keep'])(
    'is repaired as the policy %s says',
    async (drift) => {
      await using set = await started({ drift });
      const { env } = set;
      await edit(env);

      await env.advance(22 * minute);

      const overwritten = drift === 'overwrite';
      expect(stored(env)?.version).toBe(overwritten ? 3 : 2);
      expect(stored(env)?.data['description']).toBe(
        overwritten ? product.dashboard['description'] : 'Mine',
      );
    },
  );

  it.each<DriftPolicy>(['overwrite', 'keep'])(
    'comes back when it was deleted, under %s too',
    async (drift) => {
      await using set = await started({ drift });
      const { env } = set;
      await env.client.deleteDashboard(uid);
      await env.advance(22 * minute);
      expect(stored(env)).toBeDefined();
    },
  );

  it('is brought to a newer file, unless somebody has changed it', async () => {
    await using set = await started({ drift: 'keep' });
    const { env } = set;
    const newer = parseProductDashboard(JSON.stringify({ ...product.dashboard, refresh: '5m' }));

    env.instance({ product: newer, drift: 'keep' }).resyncLoop.start();
    await env.advance(second);
    expect(stored(env)?.data['refresh']).toBe('5m');

    await edit(env);
    const newest = parseProductDashboard(JSON.stringify({ ...product.dashboard, refresh: '10m' }));
    env.instance({ product: newest, drift: 'keep' }).resyncLoop.start();
    await env.advance(second);
    expect(stored(env)?.data).toMatchObject({ refresh: '5m', description: 'Mine' });
  });

  it('is written once by several replicas that start together', async () => {
    await using env = await startTestEnv({ templates });
    for (let n = 0; n < 5; n += 1) env.instance({ product }).resyncLoop.start();
    await env.advance(25 * minute);
    expect(stored(env)?.version).toBe(1);
  });

  it('waits for a Grafana that is down, and for a state store', async () => {
    await using env = await startTestEnv({ templates });
    env.grafanaDown = true;
    env.instance({ product }).resyncLoop.start();
    await env.advance(minute);
    env.grafanaDown = false;
    env.state.down = true;
    await env.advance(6 * minute);
    expect(stored(env)).toBeUndefined();
    env.state.down = false;
    await env.advance(minute);
    expect(stored(env)?.version).toBe(1);
  });

  it('says what Grafana does not allow, and does not hammer', async () => {
    await using env = await startTestEnv({ templates });
    env.grafana.fail(403, { match: /^POST \/api\/dashboards\/db/ });
    env.instance({ product }).resyncLoop.start();
    await env.advance(14 * minute);
    expect(saves(env)).toBe(1);
    expect(env.log.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { code: 'forbidden', reason: expect.stringContaining('dashboards:write') } },
    ]);
    env.grafana.clearFaults();
    await env.advance(20 * minute);
    expect(stored(env)).toBeDefined();
  });

  it('is reconciled once at a time', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance({ product });
    service.resyncLoop.start();
    await Promise.all([service.resync.requestFullResync(), env.advance(second)]);
    // Before the save and after it.
    expect(env.grafana.count(new RegExp(`GET /api/dashboards/uid/${uid}$`))).toBe(2);
  });

  describe('with credentials that are wrong', () => {
    const refused = (env: TestEnv) =>
      env.grafana.requests.filter(({ status }) => status === 401).length;
    const deliver = (service: Instance) =>
      service.deliver('created', {
        id: clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c'),
      });

    it.each([
      ['the clusters were', undefined, product],
      ['it was', product, undefined],
    ])('is not tried after %s, nor the other way round', async (_, first, then) => {
      await using env = await startTestEnv({ templates });
      const one = env.instance({ password: 'wrong', ...(first && { product: first }) });
      one.resyncLoop.start();
      if (first === undefined) await deliver(one);
      await env.advance(minute);
      expect(refused(env)).toBe(1);

      // Its client knows nothing of that: only the store does.
      const other = env.instance({ password: 'wrong', ...(then && { product: then }) });
      other.resyncLoop.start();
      if (then === undefined) await deliver(other);
      await env.advance(20 * minute);

      expect(refused(env)).toBe(1);
    });
  });

  it('takes no dashboard over that has its title', async () => {
    await using env = await startTestEnv({ templates });
    const { title } = product.dashboard;
    await env.client.saveDashboard({ dashboard: { uid: 'theirs', title }, message: 'Theirs' });
    env.instance({ product }).resyncLoop.start();
    await env.advance(minute);
    expect(
      env.grafana
        .dashboards()
        .map((one) => [one.uid, one.title])
        .sort(),
    ).toEqual([
      [uid, `${title} (${uid})`],
      ['theirs', title],
    ]);
  });
});
