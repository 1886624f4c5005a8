import { UpstreamError } from '@bud-monitoring/client';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly, holdings } from './support/expect-exact.js';
import { createPlug } from './support/kill-switch.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld, type World } from './support/test-env.js';

const second = 1_000;
const minute = 60 * second;
const ids = Array.from({ length: 12 }, (_, n) =>
  clusterIdSchema.parse(`3f2b8f${16 + n}-6a4d-4b6e-9a51-0d4c7d0a1b2c`),
);
const [id] = ids as [(typeof ids)[number]];
const templates = smallTemplates();

/** Makes a link as Grafana 9.4 does for whoever asks, whatever is there. */
async function makeLink(world: World): Promise<void> {
  const response = await fetch(`${world.grafana.url}/api/dashboards/uid/${id}/public-dashboards`, {
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
  it('share the work and never do it twice', async () => {
    await using world = await startWorld({ templates });
    const replicas = [world.instance(), world.instance(), world.instance()];
    replicas.forEach(({ reconcile }) => reconcile.start());
    const time = world.time.now();

    await Promise.all(
      ids.flatMap((cluster) =>
        replicas.map((replica) => replica.deliver('created', { id: cluster, name: 'a', time })),
      ),
    );
    // All of them look at the same clusters at once.
    replicas.forEach((replica) => ids.forEach((cluster) => replica.scheduler.wake(cluster)));
    await world.pass(5 * minute);

    expectExactly(
      world,
      ids.map((cluster) => ({ id: cluster, name: 'a' })),
    );
    expect(world.grafana.shares()).toHaveLength(ids.length);
    const versions = [...holdings(world).dashboards.values()].map(({ version }) => version);
    expect(new Set(versions)).toEqual(new Set([1]));
  });

  it('leaves a cluster alone while another replica works on it', async () => {
    await using world = await startWorld({ templates });
    const [slow, other] = [world.instance(), world.instance()];
    // The first replica stands still in the middle of its work.
    let resume: () => void = () => undefined;
    const resumed = new Promise<void>((resolve) => (resume = resolve));
    world.beforeShare = () => resumed;
    const delivered = slow.deliver('created', { id, name: 'a' });
    await expect(delivered).resolves.toBe('SUCCESS');
    await untilAsked(world, /^GET .*public-dashboards/);

    other.scheduler.wake(id, { look: true, force: true });
    await other.quiet();
    expect(other.plug.calls.filter((call) => call.startsWith('grafana.'))).toEqual([]);

    world.beforeShare = null;
    resume();
    await world.pass(5 * minute);
    expectExactly(world, [{ id, name: 'a' }]);
  });
});

describe('a call that takes effect late', () => {
  it('leaves one link when we gave up on it', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    world.beforeShare = () =>
      Promise.reject(new UpstreamError({ upstream: 'grafana', code: 'timeout' }));

    await service.deliver('created', { id, name: 'a' });
    await world.pass(0);
    world.beforeShare = null;
    await world.pass(5 * second);
    expect(world.grafana.shares()).toHaveLength(1);
    const [noted] = world.grafana.shares();
    await makeLink(world);
    expect(world.grafana.shares()).toHaveLength(2);
    await world.pass(minute);

    expectExactly(world, [{ id, name: 'a' }]);
    expect(world.grafana.shares()).toMatchObject([{ uid: noted?.uid }]);
    await world.pass(20 * minute);
    expect(world.grafana.count(/GET \/api\/dashboards\/public-dashboards/)).toBeLessThan(4);
  });

  it('leaves one link when we died of it', async () => {
    await using world = await startWorld({ templates });
    const plug = createPlug();
    const service = world.instance({ plug });
    world.beforeShare = () => {
      plug.kill();
      return new Promise(() => undefined);
    };
    await service.deliver('created', { id, name: 'a' });
    await world.pass(0);
    expect(plug.dead).toBe(true);
    world.beforeShare = null;

    const heir = world.instance();
    heir.reconcile.start();
    await world.pass(31 * second);
    expect(world.grafana.shares()).toHaveLength(1);
    await makeLink(world);
    await world.pass(minute);

    expectExactly(world, [{ id, name: 'a' }]);
    expect(world.grafana.shares()).toHaveLength(1);
  });
});

async function untilAsked(world: World, match: RegExp): Promise<void> {
  while (world.grafana.count(match) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}
