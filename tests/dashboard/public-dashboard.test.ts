import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { toClusterResponse } from '../../services/dashboard/src/http/responses.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type Dialect, type Instance, type TestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();

async function provisioned(env: TestEnv, options = {}): Promise<Instance> {
  const service = env.instance(options);
  service.resyncLoop.start();
  await service.deliver('created', { id, name: 'east' });
  await env.advance(second);
  return service;
}

async function shown(env: TestEnv, service: Instance, allowed = true) {
  const stored = await service.records.get(id);
  return toClusterResponse(stored!.record, {
    sharing: { allowed },
    now: env.time.now(),
    publicLinkUrl: (token) => `https://grafana.example.org/public-dashboards/${token}`,
  });
}

/** Whether anybody can open the link of that token. */
async function opens(env: TestEnv, token: string): Promise<boolean> {
  const response = await fetch(`${env.grafana.url}/api/public/dashboards/${token}`);
  await response.body?.cancel();
  return response.status === 200;
}
const tokenOf = (env: TestEnv) => env.grafana.publicDashboards()[0]?.accessToken ?? '';

describe.each<Dialect>(['9.4', 'later'])('the public link, in Grafana %s', (dialect) => {
  it('is what the answer says, and opens', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env);
    expect(await shown(env, service)).toMatchObject({
      status: 'ready',
      url: `https://grafana.example.org/public-dashboards/${tokenOf(env)}`,
      sharing: { enabled: true, expires_at: null },
    });
    expect(await opens(env, tokenOf(env))).toBe(true);
  });

  it('is switched off and on again as the same link', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env);
    const token = tokenOf(env);

    await service.desiredState.handleRequest(id, {
      kind: 'share',
      enabled: false,
      expiresAt: null,
    });
    await env.advance(second);
    expect(await shown(env, service)).toMatchObject({ status: 'disabled', url: null });
    expect(await opens(env, token)).toBe(false);

    await service.desiredState.handleRequest(id, { kind: 'share', enabled: true, expiresAt: null });
    await env.advance(second);
    expect(tokenOf(env)).toBe(token);
    expect(await opens(env, token)).toBe(true);
  });

  it('ends at its time', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env);
    const expiresAt = env.time.now() + 3 * minute;
    await service.desiredState.handleRequest(id, { kind: 'share', enabled: true, expiresAt });

    await env.advance(3 * minute - second);
    expect(await opens(env, tokenOf(env))).toBe(true);
    await env.advance(second);

    expect(await opens(env, tokenOf(env))).toBe(false);
    expect(await shown(env, service)).toMatchObject({ status: 'disabled', url: null });
  });

  it('ends at its time, or at the next tick, when the replica that was told so is gone', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env);
    env.instance().resyncLoop.start();
    await env.advance(minute);
    const expiresAt = env.time.now() + 5 * minute;
    await service.desiredState.handleRequest(id, { kind: 'share', enabled: true, expiresAt });
    await env.advance(second);
    service.killSwitch.kill();

    await env.advance(5 * minute - 2 * second);
    expect(await opens(env, tokenOf(env))).toBe(true);
    await env.advance(2 * minute);

    expect(await opens(env, tokenOf(env))).toBe(false);
  });

  it('becomes another one on request, and the old one ends', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env);
    const token = tokenOf(env);

    await service.desiredState.handleRequest(id, { kind: 'rotate' });
    await env.advance(second);

    expect(env.grafana.publicDashboards()).toHaveLength(1);
    expect(await opens(env, token)).toBe(false);
    expect(await opens(env, tokenOf(env))).toBe(true);
    expect(await shown(env, service)).toMatchObject({
      url: expect.stringContaining(tokenOf(env)),
    });
  });

  it('stays away when it was rotated while switched off, until it is switched on', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env);
    const token = tokenOf(env);
    await service.desiredState.handleRequest(id, {
      kind: 'share',
      enabled: false,
      expiresAt: null,
    });
    await service.desiredState.handleRequest(id, { kind: 'rotate' });
    await env.advance(second);
    expect(env.grafana.publicDashboards()).toEqual([]);

    await service.desiredState.handleRequest(id, { kind: 'share', enabled: true, expiresAt: null });
    await env.advance(second);

    expect(await opens(env, token)).toBe(false);
    expect(await opens(env, tokenOf(env))).toBe(true);
  });

  it('does not exist where links are not allowed at all, and ends where they no longer are', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env, { sharingAllowed: false });
    expect(env.grafana.dashboards()).toHaveLength(4);
    expect(env.grafana.publicDashboards()).toEqual([]);
    expect(await shown(env, service, false)).toMatchObject({ status: 'disabled', url: null });

    await service.stop();
    const open = env.instance();
    open.resyncLoop.start();
    await env.advance(minute);
    const token = tokenOf(env);
    expect(await opens(env, token)).toBe(true);
    await open.stop();
    env.instance({ sharingAllowed: false }).resyncLoop.start();
    await env.advance(minute);

    expect(await opens(env, token)).toBe(false);
  });

  it('is dead once the cluster is deleted', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env);
    const token = tokenOf(env);

    await service.deliver('deleted', { id });
    await env.advance(second);

    expect(await opens(env, token)).toBe(false);
    expect(await shown(env, service)).toBeNull();
  });

  it('is dead once the cluster is deleted, though its dashboards cannot be', async () => {
    await using env = await startTestEnv({ dialect, templates });
    const service = await provisioned(env);
    const token = tokenOf(env);
    env.grafana.fail(500, { match: /^DELETE \/api\/dashboards\/uid\/[^/]+$/ });

    await service.deliver('deleted', { id });
    await env.advance(second);

    expect(env.grafana.dashboards()).not.toEqual([]);
    expect(await opens(env, token)).toBe(false);
  });
});
