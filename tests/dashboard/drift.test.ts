import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { DriftPolicy } from '../../services/dashboard/src/domain/reconcile/plan.js';
import { expectExactly, holdings } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type Dialect, type Instance, type TestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();
const newTemplates = smallTemplates('max(up{cluster="$cluster"})');

const policies: DriftPolicy[] = ['overwrite', 'warn', 'keep'];
const dialects: Dialect[] = ['9.4', 'later'];
const cases = dialects.flatMap((dialect) => policies.map((drift) => ({ dialect, drift })));

async function provisioned(env: TestEnv, drift: DriftPolicy): Promise<Instance> {
  const service = env.instance({ drift });
  service.resyncLoop.start();
  await service.deliver('created', { id, name: 'east' });
  await env.advance(second);
  expectExactly(env, [{ id, name: 'east' }]);
  return service;
}

/** Somebody changes the description of the main dashboard in Grafana. */
async function edit(env: TestEnv): Promise<void> {
  const stored = await env.client.getDashboard(id);
  await env.client.saveDashboard({
    dashboard: {
      ...stored!.dashboard,
      title: String(stored!.dashboard['title']),
      description: 'Mine',
    },
    message: 'By hand',
  });
}
/** The same with dynamic dashboards, which save it in a schema of their own. */
async function editInNewSchema(env: TestEnv): Promise<void> {
  const path = '/apis/dashboard.grafana.app/v2beta1/namespaces/default/dashboards';
  const spec = { title: 'Mine', elements: {}, layout: { kind: 'GridLayout' } };
  const answer = await fetch(`${env.grafana.url}${path}/${id}`, {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ spec }),
  });
  expect(answer.status).toBe(200);
}
const main = (env: TestEnv) => holdings(env).dashboards.get(id);
const drifted = async (service: Instance) =>
  (await service.records.get(id))?.record.observed.dashboards['cluster']?.drifted;

describe.each(cases)('under the policy $drift, against Grafana $dialect', ({ dialect, drift }) => {
  it('writes nothing where nothing changed', async () => {
    await using env = await startTestEnv({ dialect, templates });
    await provisioned(env, drift);
    const saves = env.state.saves.length;
    const writes = { ...env.grafana.writes };

    await env.advance(60 * minute);

    expect(env.grafana.writes).toEqual(writes);
    // Leader leases are written, and once that the cluster is settled.
    const keys = new Set(env.state.saves.slice(saves));
    expect([...keys].sort()).toEqual([
      expect.stringMatching(/^clusters:/),
      'turn:all',
      'turn:open',
    ]);
    expect(env.grafana.count(new RegExp(`GET /api/dashboards/uid/${id}$`))).toBeGreaterThan(6);
  });

  it('handles a change by hand', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env, drift);
    await edit(env);

    await env.advance(22 * minute);

    const overwritten = drift === 'overwrite';
    expect(main(env)?.data['description']).toBe(overwritten ? undefined : 'Mine');
    expect(main(env)?.version).toBe(overwritten ? 3 : 2);
    expect(await drifted(service)).toBe(!overwritten);
    expect(service.statusCounts.at(-1)?.drifted).toBe(overwritten ? 0 : 1);
    expect(service.statusCounts.at(-1)?.ready).toBe(1);
  });

  it('does not count a save that was stale', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env, drift);
    let edits = 0;
    env.beforeSave = async () => {
      edits += 1;
      if (edits === 1) await edit(env);
    };

    await service.deliver('updated', { id, name: 'west' });
    await env.advance(second);

    const overwritten = drift === 'overwrite';
    expect(main(env)?.title).toBe(overwritten ? 'west (3f2b8f0e)' : 'east (3f2b8f0e)');
    expect(main(env)?.data['description']).toBe(overwritten ? undefined : 'Mine');
    expect(main(env)?.version).toBe(overwritten ? 3 : 2);
    expect(await drifted(service)).toBe(!overwritten);
  });

  it('writes new templates over what nobody changed, and over nothing else unless it overwrites', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const before = await provisioned(env, drift);
    await edit(env);
    await before.stop();
    env.instance({ drift, templates: newTemplates }).resyncLoop.start();

    await env.advance(minute);

    const expr = (uid: string) => JSON.stringify(holdings(env).dashboards.get(uid)?.data['panels']);
    expect(expr(`${id}-n`)).toContain('max(up');
    expect(expr(id).includes('max(up')).toBe(drift === 'overwrite');
  });

  it('brings back what was deleted', async () => {
    await using env = await startTestEnv({ dialect, templates });
    await provisioned(env, drift);
    await env.client.deleteDashboard(`${id}-p`);
    const [share] = env.grafana.publicDashboards();
    await env.client.deletePublicDashboard(id, share!.uid);

    await env.advance(12 * minute);

    expectExactly(env, [{ id, name: 'east' }]);
  });

  it('brings back everything when Grafana was wiped', async () => {
    await using env = await startTestEnv({ dialect, templates });
    await provisioned(env, drift);
    env.grafana.wipe();

    // Each resync of the pending clusters observes one that is settled.
    await env.advance(5 * minute);

    expectExactly(env, [{ id, name: 'east' }]);
  });

  it('switches a link on again that somebody switched off', async () => {
    await using env = await startTestEnv({ dialect, templates });
    await provisioned(env, drift);
    const [share] = env.grafana.publicDashboards();
    await env.client.updatePublicDashboard(id, share!.uid, { isEnabled: false });

    await env.advance(12 * minute);

    expectExactly(env, [{ id, name: 'east' }]);
    expect(env.grafana.publicDashboards()).toMatchObject([{ accessToken: share!.accessToken }]);
  });
});

describe.each(policies)(
  'under the policy %s, a dashboard that somebody saved in the new schema',
  (drift) => {
    it('is drifted as any other, and goes with its cluster', async () => {
      await using env = await startTestEnv({ dialect: 'later', templates });
      const service = await provisioned(env, drift);
      await editInNewSchema(env);

      await env.advance(22 * minute);
      const overwritten = drift === 'overwrite';
      expect(main(env)?.title).toBe(overwritten ? 'east (3f2b8f0e)' : 'Mine');
      expect('elements' in main(env)!.data).toBe(!overwritten);
      expect(await drifted(service)).toBe(!overwritten);
      expect(service.statusCounts.at(-1)).toMatchObject({ ready: 1, failed: 0 });

      await service.deliver('deleted', { id });
      await env.advance(second);
      expectExactly(env, []);
    });
  },
);

describe('templates', () => {
  it('publishes custom templates beside the built-in ones, and deletes the dashboard of a removed one', async () => {
    await using env = await startTestEnv({ templates });
    const own = smallTemplates().map((template) => ({
      ...template,
      name: 'mine',
      suffix: '-abc',
      label: 'Mine',
    }));
    const service = env.instance({ templates: [...templates, own[0]!] });
    await service.deliver('created', { id, name: 'east' });
    await env.advance(second);
    expect(holdings(env).dashboards.get(`${id}-abc`)?.title).toBe('east (3f2b8f0e) Mine');

    await service.stop();
    env.instance().resyncLoop.start();
    await env.advance(minute);

    expectExactly(env, [{ id, name: 'east' }]);
  });

  it('leaves out an invalid custom template, and keeps its dashboard', async () => {
    await using env = await startTestEnv({ templates });
    const mine = (expr: string) => ({
      ...smallTemplates(expr)[0]!,
      name: 'mine',
      suffix: '-abc',
      label: 'Mine',
    });
    const service = env.instance({ templates: [...templates, mine('up{cluster="$cluster"}')] });
    await service.deliver('created', { id, name: 'east' });
    await env.advance(second);

    await service.stop();
    const next = env.instance({ templates: [...templates, mine('up')] });
    next.resyncLoop.start();
    await env.advance(minute);

    expect(JSON.stringify(holdings(env).dashboards.get(`${id}-abc`)?.data)).toContain(id);
    expect((await next.records.get(id))?.record.work.error).toBeNull();
  });

  it('publishes nothing when a built-in template is not proven to be scoped', async () => {
    await using env = await startTestEnv({ templates: smallTemplates('up') });
    const service = env.instance();
    await service.deliver('created', { id, name: 'east' });
    await env.advance(20 * minute);

    expectExactly(env, []);
    expect((await service.records.get(id))?.record.work.error).toMatchObject({
      code: 'template_invalid',
      lasting: true,
      message: expect.stringContaining('panels[0].targets[0].expr'),
    });
    expect(env.published.map(({ topic }) => topic)).toEqual(['dashboard-failed']);

    await service.stop();
    env.instance({ templates }).resyncLoop.start();
    await env.advance(minute);
    expectExactly(env, [{ id, name: 'east' }]);
  });
});
