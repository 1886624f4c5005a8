import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { presentCluster } from '../../services/dashboard/src/http/responses.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld, type Dialect, type Instance, type World } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();

async function provisioned(world: World, options = {}): Promise<Instance> {
  const service = world.instance(options);
  service.reconcile.start();
  await service.deliver('created', { id, name: 'east' });
  await world.pass(second);
  return service;
}

async function shown(world: World, service: Instance, allowed = true) {
  const stored = await service.records.get(id);
  return presentCluster(stored!.record, {
    sharing: { allowed },
    now: world.time.now(),
    linkOf: (token) => `https://grafana.example.org/public-dashboards/${token}`,
  });
}

/** Whether anybody can open the link of that token. */
async function opens(world: World, token: string): Promise<boolean> {
  const response = await fetch(`${world.grafana.url}/api/public/dashboards/${token}`);
  await response.body?.cancel();
  return response.status === 200;
}
const tokenOf = (world: World) => world.grafana.shares()[0]?.accessToken ?? '';

describe.each<Dialect>(['9.4', 'later'])('the public link, in Grafana %s', (dialect) => {
  it('is what the answer says, and opens', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world);
    expect(await shown(world, service)).toMatchObject({
      status: 'ready',
      url: `https://grafana.example.org/public-dashboards/${tokenOf(world)}`,
      sharing: { enabled: true, expires_at: null },
    });
    expect(await opens(world, tokenOf(world))).toBe(true);
  });

  it('is switched off and on again as the same link', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world);
    const token = tokenOf(world);

    await service.intake.request(id, { kind: 'share', enabled: false, expiresAt: null });
    await world.pass(second);
    expect(await shown(world, service)).toMatchObject({ status: 'disabled', url: null });
    expect(await opens(world, token)).toBe(false);

    await service.intake.request(id, { kind: 'share', enabled: true, expiresAt: null });
    await world.pass(second);
    expect(tokenOf(world)).toBe(token);
    expect(await opens(world, token)).toBe(true);
  });

  it('ends at its time', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world);
    const expiresAt = world.time.now() + 3 * minute;
    await service.intake.request(id, { kind: 'share', enabled: true, expiresAt });

    await world.pass(3 * minute - second);
    expect(await opens(world, tokenOf(world))).toBe(true);
    await world.pass(second);

    expect(await opens(world, tokenOf(world))).toBe(false);
    expect(await shown(world, service)).toMatchObject({ status: 'disabled', url: null });
  });

  it('ends at its time, or at the next tick, when the replica that was told so is gone', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world);
    world.instance().reconcile.start();
    await world.pass(minute);
    const expiresAt = world.time.now() + 5 * minute;
    await service.intake.request(id, { kind: 'share', enabled: true, expiresAt });
    await world.pass(second);
    service.plug.kill();

    await world.pass(5 * minute - 2 * second);
    expect(await opens(world, tokenOf(world))).toBe(true);
    await world.pass(2 * minute);

    expect(await opens(world, tokenOf(world))).toBe(false);
  });

  it('becomes another one on request, and the old one ends', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world);
    const token = tokenOf(world);

    await service.intake.request(id, { kind: 'rotate' });
    await world.pass(second);

    expect(world.grafana.shares()).toHaveLength(1);
    expect(await opens(world, token)).toBe(false);
    expect(await opens(world, tokenOf(world))).toBe(true);
    expect(await shown(world, service)).toMatchObject({
      url: expect.stringContaining(tokenOf(world)),
    });
  });

  it('stays away when it was rotated while switched off, until it is switched on', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world);
    const token = tokenOf(world);
    await service.intake.request(id, { kind: 'share', enabled: false, expiresAt: null });
    await service.intake.request(id, { kind: 'rotate' });
    await world.pass(second);
    expect(world.grafana.shares()).toEqual([]);

    await service.intake.request(id, { kind: 'share', enabled: true, expiresAt: null });
    await world.pass(second);

    expect(await opens(world, token)).toBe(false);
    expect(await opens(world, tokenOf(world))).toBe(true);
  });

  it('does not exist where links are not allowed at all, and ends where they no longer are', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world, { sharingAllowed: false });
    expect(world.grafana.dashboards()).toHaveLength(4);
    expect(world.grafana.shares()).toEqual([]);
    expect(await shown(world, service, false)).toMatchObject({ status: 'disabled', url: null });

    await service.stop();
    const open = world.instance();
    open.reconcile.start();
    await world.pass(minute);
    const token = tokenOf(world);
    expect(await opens(world, token)).toBe(true);
    await open.stop();
    world.instance({ sharingAllowed: false }).reconcile.start();
    await world.pass(minute);

    expect(await opens(world, token)).toBe(false);
  });

  it('is dead once the cluster is deleted', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world);
    const token = tokenOf(world);

    await service.deliver('deleted', { id });
    await world.pass(second);

    expect(await opens(world, token)).toBe(false);
    expect(await shown(world, service)).toBeNull();
  });

  it('is dead once the cluster is deleted, though its dashboards cannot be', async () => {
    await using world = await startWorld({ dialect, templates });
    const service = await provisioned(world);
    const token = tokenOf(world);
    world.grafana.fail(500, { match: /^DELETE \/api\/dashboards\/uid\/[^/]+$/ });

    await service.deliver('deleted', { id });
    await world.pass(second);

    expect(world.grafana.dashboards()).not.toEqual([]);
    expect(await opens(world, token)).toBe(false);
  });
});
