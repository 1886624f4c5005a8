import { UpstreamError } from '@bud-monitoring/client';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly, holdings } from './support/expect-exact.js';
import { createKillSwitch } from './support/kill-switch.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type TestEnv } from './support/test-env.js';

const second = 1_000;
const minute = 60 * second;
const ids = Array.from({ length: 12 }, (_, n) =>
  clusterIdSchema.parse(`3f2b8f${16 + n}-6a4d-4b6e-9a51-0d4c7d0a1b2c`),
);
const [id] = ids as [(typeof ids)[number]];
const templates = smallTemplates();

/** Creates a public dashboard as Grafana 9.4 does on request, even where there is one. */
async function makeLink(env: TestEnv): Promise<void> {
  const response = await fetch(`${env.grafana.url}/api/dashboards/uid/${id}/public-dashboards`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa('admin:admin')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ isEnabled: true, share: 'public' }),
  });
  expect(response.status).toBe(200);
}

describe('several replicas over one state store', () => {
  it('share the reconciles and never do one twice', async () => {
    await using env = await startTestEnv({ templates });
    const replicas = [env.instance(), env.instance(), env.instance()];
    replicas.forEach(({ resyncLoop }) => resyncLoop.start());
    const time = env.time.now();

    await Promise.all(
      ids.flatMap((cluster) =>
        replicas.map((replica) => replica.deliver('created', { id: cluster, name: 'a', time })),
      ),
    );
    // All of them reconcile the same clusters at once.
    replicas.forEach((replica) => ids.forEach((cluster) => replica.workQueue.enqueue(cluster)));
    await env.advance(5 * minute);

    expectExactly(
      env,
      ids.map((cluster) => ({ id: cluster, name: 'a' })),
    );
    expect(env.grafana.publicDashboards()).toHaveLength(ids.length);
    const versions = [...holdings(env).dashboards.values()].map(({ version }) => version);
    expect(new Set(versions)).toEqual(new Set([1]));
  });

  it('leaves a cluster alone while another replica works on it', async () => {
    await using env = await startTestEnv({ templates });
    const [slow, other] = [env.instance(), env.instance()];
    // The first replica stands still in the middle of its work.
    let resume: () => void = () => undefined;
    const resumed = new Promise<void>((resolve) => (resume = resolve));
    env.beforeCreatePublicDashboard = () => resumed;
    const delivered = slow.deliver('created', { id, name: 'a' });
    await expect(delivered).resolves.toBe('SUCCESS');
    await untilAsked(env, /^GET .*public-dashboards/);

    other.workQueue.enqueue(id, { observe: true, force: true });
    await other.idle();
    expect(other.killSwitch.calls.filter((call) => call.startsWith('grafana.'))).toEqual([]);

    env.beforeCreatePublicDashboard = null;
    resume();
    await env.advance(5 * minute);
    expectExactly(env, [{ id, name: 'a' }]);
  });
});

describe('a call that takes effect late', () => {
  it('leaves one link when we gave up on it', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    env.beforeCreatePublicDashboard = () =>
      Promise.reject(new UpstreamError({ upstream: 'grafana', code: 'timeout' }));

    await service.deliver('created', { id, name: 'a' });
    await env.advance(0);
    env.beforeCreatePublicDashboard = null;
    await env.advance(5 * second);
    expect(env.grafana.publicDashboards()).toHaveLength(1);
    const [noted] = env.grafana.publicDashboards();
    await makeLink(env);
    expect(env.grafana.publicDashboards()).toHaveLength(2);
    await env.advance(minute);

    expectExactly(env, [{ id, name: 'a' }]);
    expect(env.grafana.publicDashboards()).toMatchObject([{ uid: noted?.uid }]);
    await env.advance(20 * minute);
    expect(env.grafana.count(/GET \/api\/dashboards\/public-dashboards/)).toBeLessThan(4);
  });

  it('leaves one link when we were killed during it', async () => {
    await using env = await startTestEnv({ templates });
    const killSwitch = createKillSwitch();
    const service = env.instance({ killSwitch });
    env.beforeCreatePublicDashboard = () => {
      killSwitch.kill();
      return new Promise(() => undefined);
    };
    await service.deliver('created', { id, name: 'a' });
    await env.advance(0);
    expect(killSwitch.killed).toBe(true);
    env.beforeCreatePublicDashboard = null;

    const heir = env.instance();
    heir.resyncLoop.start();
    await env.advance(31 * second);
    expect(env.grafana.publicDashboards()).toHaveLength(1);
    await makeLink(env);
    await env.advance(minute);

    expectExactly(env, [{ id, name: 'a' }]);
    expect(env.grafana.publicDashboards()).toHaveLength(1);
  });
});

async function untilAsked(env: TestEnv, match: RegExp): Promise<void> {
  while (env.grafana.count(match) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
