import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { DriftPolicy } from '../../services/dashboard/src/domain/reconcile/plan.js';
import { expectExactly, holdings } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld, type Dialect, type Instance, type World } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();
const newTemplates = smallTemplates('max(up{cluster="$cluster"})');

const policies: DriftPolicy[] = ['overwrite', 'warn', 'keep'];
const dialects: Dialect[] = ['9.4', 'later'];
const cases = dialects.flatMap((dialect) => policies.map((drift) => ({ dialect, drift })));

async function provisioned(world: World, drift: DriftPolicy): Promise<Instance> {
  const service = world.instance({ drift });
  service.reconcile.start();
  await service.deliver('created', { id, name: 'east' });
  await world.pass(second);
  expectExactly(world, [{ id, name: 'east' }]);
  return service;
}

/** Somebody changes the description of the main dashboard in Grafana. */
async function edit(world: World): Promise<void> {
  const stored = await world.client.getDashboard(id);
  await world.client.saveDashboard({
    dashboard: {
      ...stored!.dashboard,
      title: String(stored!.dashboard['title']),
      description: 'Mine',
    },
    message: 'By hand',
  });
}
const main = (world: World) => holdings(world).dashboards.get(id);
const drifted = async (service: Instance) =>
  (await service.records.get(id))?.record.observed.dashboards['cluster']?.drifted;

describe.each(cases)('under the policy $drift, against Grafana $dialect', ({ dialect, drift }) => {
  it('writes nothing where nothing changed', async () => {
    await using world = await startWorld({ dialect, templates });
    await provisioned(world, drift);
    const saves = world.state.saves.length;
    const writes = { ...world.grafana.writes };

    await world.pass(60 * minute);

    expect(world.grafana.writes).toEqual(writes);
    // Turns are noted, and once that the cluster is done.
    const keys = new Set(world.state.saves.slice(saves));
    expect([...keys].sort()).toEqual([
      expect.stringMatching(/^clusters:/),
      'turn:all',
      'turn:open',
    ]);
    expect(world.grafana.count(new RegExp(`GET /api/dashboards/uid/${id}$`))).toBeGreaterThan(6);
  });

  it('meets a change by hand', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world, drift);
    await edit(world);

    await world.pass(22 * minute);

    const overwritten = drift === 'overwrite';
    expect(main(world)?.data['description']).toBe(overwritten ? undefined : 'Mine');
    expect(main(world)?.version).toBe(overwritten ? 3 : 2);
    expect(await drifted(service)).toBe(!overwritten);
    expect(service.surveys.at(-1)?.drifted).toBe(overwritten ? 0 : 1);
    expect(service.surveys.at(-1)?.ready).toBe(1);
  });

  it('does not take a save for done that another was quicker than', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world, drift);
    let edits = 0;
    world.beforeSave = async () => {
      edits += 1;
      if (edits === 1) await edit(world);
    };

    await service.deliver('updated', { id, name: 'west' });
    await world.pass(second);

    const overwritten = drift === 'overwrite';
    expect(main(world)?.title).toBe(overwritten ? 'west (3f2b8f0e)' : 'east (3f2b8f0e)');
    expect(main(world)?.data['description']).toBe(overwritten ? undefined : 'Mine');
    expect(main(world)?.version).toBe(overwritten ? 3 : 2);
    expect(await drifted(service)).toBe(!overwritten);
  });

  it('brings new templates to what nobody changed, and to nothing else unless it overwrites', async () => {
    await using world = await startWorld({ dialect, templates });
    const before = await provisioned(world, drift);
    await edit(world);
    await before.stop();
    world.instance({ drift, templates: newTemplates }).reconcile.start();

    await world.pass(minute);

    const expr = (uid: string) =>
      JSON.stringify(holdings(world).dashboards.get(uid)?.data['panels']);
    expect(expr(`${id}-n`)).toContain('max(up');
    expect(expr(id).includes('max(up')).toBe(drift === 'overwrite');
  });

  it('brings back what was deleted', async () => {
    await using world = await startWorld({ dialect, templates });
    await provisioned(world, drift);
    await world.client.deleteDashboard(`${id}-p`);
    const [share] = world.grafana.shares();
    await world.client.deleteShare(id, share!.uid);

    await world.pass(12 * minute);

    expectExactly(world, [{ id, name: 'east' }]);
  });

  it('brings back everything when Grafana was wiped', async () => {
    await using world = await startWorld({ dialect, templates });
    await provisioned(world, drift);
    world.grafana.wipe();

    // One cluster is looked at with each tick.
    await world.pass(5 * minute);

    expectExactly(world, [{ id, name: 'east' }]);
  });

  it('switches a link on again that somebody switched off', async () => {
    await using world = await startWorld({ dialect, templates });
    await provisioned(world, drift);
    const [share] = world.grafana.shares();
    await world.client.updateShare(id, share!.uid, { isEnabled: false });

    await world.pass(12 * minute);

    expectExactly(world, [{ id, name: 'east' }]);
    expect(world.grafana.shares()).toMatchObject([{ accessToken: share!.accessToken }]);
  });
});

describe('templates', () => {
  it('publishes somebody’s own beside ours, and removes what has no template any more', async () => {
    await using world = await startWorld({ templates });
    const own = smallTemplates().map((template) => ({
      ...template,
      name: 'mine',
      suffix: '-abc',
      label: 'Mine',
    }));
    const service = world.instance({ templates: [...templates, own[0]!] });
    await service.deliver('created', { id, name: 'east' });
    await world.pass(second);
    expect(holdings(world).dashboards.get(`${id}-abc`)?.title).toBe('east (3f2b8f0e) Mine');

    await service.stop();
    world.instance().reconcile.start();
    await world.pass(minute);

    expectExactly(world, [{ id, name: 'east' }]);
  });

  it('leaves out somebody’s own that is not valid, and keeps what it made before', async () => {
    await using world = await startWorld({ templates });
    const mine = (expr: string) => ({
      ...smallTemplates(expr)[0]!,
      name: 'mine',
      suffix: '-abc',
      label: 'Mine',
    });
    const service = world.instance({ templates: [...templates, mine('up{cluster="$cluster"}')] });
    await service.deliver('created', { id, name: 'east' });
    await world.pass(second);

    await service.stop();
    const next = world.instance({ templates: [...templates, mine('up')] });
    next.reconcile.start();
    await world.pass(minute);

    expect(JSON.stringify(holdings(world).dashboards.get(`${id}-abc`)?.data)).toContain(id);
    expect((await next.records.get(id))?.record.work.error).toBeNull();
  });

  it('publishes nothing when one of ours is not proven to be scoped', async () => {
    await using world = await startWorld({ templates: smallTemplates('up') });
    const service = world.instance();
    await service.deliver('created', { id, name: 'east' });
    await world.pass(20 * minute);

    expectExactly(world, []);
    expect((await service.records.get(id))?.record.work.error).toMatchObject({
      code: 'template_invalid',
      lasting: true,
      message: expect.stringContaining('panels[0].targets[0].expr'),
    });
    expect(world.published.map(({ topic }) => topic)).toEqual(['dashboard-failed']);

    await service.stop();
    world.instance({ templates }).reconcile.start();
    await world.pass(minute);
    expectExactly(world, [{ id, name: 'east' }]);
  });
});
