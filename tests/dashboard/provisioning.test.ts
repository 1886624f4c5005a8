import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly, holdings } from './support/expect-exact.js';
import { startTestEnv, type Dialect } from './support/test-env.js';

const east = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const west = clusterIdSchema.parse('8a1c0d5f-1e2d-4c3b-8a79-6b5c4d3e2f10');
const second = 1_000;
const minute = 60 * second;

/** The main dashboard of a cluster with a harmless name. */
async function plain(dialect: Dialect) {
  await using env = await startTestEnv({ dialect });
  await env.instance().deliver('created', { id: east, name: 'plain' });
  await env.advance(second);
  return holdings(env).dashboards.get(east)!;
}

describe.each<Dialect>(['9.4', 'later'])('bud-dashboard against Grafana %s', (dialect) => {
  it('gives a new cluster its dashboards and one link, and a deleted one none', async () => {
    await using env = await startTestEnv({ dialect });
    const service = env.instance();

    expect(await service.deliver('created', { id: east, name: 'east' })).toBe('SUCCESS');
    await env.advance(second);
    expectExactly(env, [{ id: east, name: 'east' }]);
    const queries = JSON.stringify(holdings(env).dashboards.get(east)?.data['panels']);
    expect(queries).toContain(`cluster=\\"${east}\\"`);
    expect(queries).not.toContain('$cluster');

    expect(await service.deliver('deleted', { id: east })).toBe('SUCCESS');
    await env.advance(second);
    expectExactly(env, []);
    expect(env.grafana.publicDashboards()).toEqual([]);
  });

  it('makes few calls for a new cluster: in a burst they are what it costs', async () => {
    await using env = await startTestEnv({ dialect });
    const service = env.instance();
    await service.deliver('created', { id: east, name: 'east' });
    await env.advance(second);

    const made = (what: string) => service.killSwitch.calls.filter((call) => call.startsWith(what));
    // The record: read and written by the event, the lease and the outcome; the index; the pause.
    expect(made('store.get')).toHaveLength(5);
    expect(made('store.save')).toHaveLength(4);
    expect(made('grafana.getDashboard')).toHaveLength(8);
    expect(made('grafana.saveDashboard')).toHaveLength(4);
    expect(made('eventPublisher.')).toHaveLength(1);
  });

  it('makes one dashboard, one link and no second version of twenty deliveries', async () => {
    await using env = await startTestEnv({ dialect });
    const service = env.instance();
    const time = env.time.now();
    const deliver = () => service.deliver('created', { id: east, name: 'east', time });

    const answers = await Promise.all(Array.from({ length: 10 }, deliver));
    await env.advance(second);
    for (let n = 0; n < 10; n += 1) answers.push(await deliver());
    await env.advance(minute);

    expect(new Set(answers)).toEqual(new Set(['SUCCESS']));
    expectExactly(env, [{ id: east, name: 'east' }]);
    expect([...holdings(env).dashboards.values()].map(({ version }) => version)).toEqual([
      1, 1, 1, 1,
    ]);
    expect(env.grafana.count(/^POST .*public-dashboards/)).toBe(1);
    expect(env.published.map(({ topic }) => topic)).toEqual(['dashboard-provisioned']);
  });

  it('keeps two clusters of one name apart', async () => {
    await using env = await startTestEnv({ dialect });
    const service = env.instance();

    await service.deliver('created', { id: east, name: 'prod' });
    await service.deliver('created', { id: west, name: 'prod' });
    await env.advance(second);

    expectExactly(env, [
      { id: east, name: 'prod' },
      { id: west, name: 'prod' },
    ]);
  });

  it('keeps two clusters of one name apart whose ids begin alike', async () => {
    await using env = await startTestEnv({ dialect });
    const service = env.instance();
    const twin = clusterIdSchema.parse('3f2b8f0e-0000-4b6e-9a51-0d4c7d0a1b2c');

    await service.deliver('created', { id: east, name: 'prod' });
    await service.deliver('created', { id: twin, name: 'prod' });
    await env.advance(11 * minute);

    const { dashboards, links } = holdings(env);
    expect(dashboards.size).toBe(8);
    expect(new Set([...dashboards.values()].map(({ version }) => version))).toEqual(new Set([1]));
    expect(links).toEqual([twin, east].sort());
  });

  it.each([
    ['quotes', `a"b'c\`d`],
    ['slashes', 'a/b\\c//'],
    ['300 characters', 'x'.repeat(300)],
    ['300 characters of two units', '😀'.repeat(300)],
    ['variables', '$cluster ${cluster} $datasource [[cluster]] $__all'],
    ['markup', '<script>alert(1)</script>'],
    ['controls and marks of direction', 'a\u0000\n\t\u202eb'],
    ['other scripts', 'クラスター كتلة 🇩🇪'],
    ['what looks like a path', '../../admin?x=%2e%2e#'],
    ['what looks like an expression', '{{instance}} {cluster="x"}'],
    ['a name of PromQL', '"} or vector(1) #'],
  ])('gives a cluster whose name has %s its dashboards', async (_, name) => {
    await using env = await startTestEnv({ dialect });
    const service = env.instance();

    expect(await service.deliver('created', { id: east, name })).toBe('SUCCESS');
    await env.advance(second);

    const { dashboards, links } = holdings(env);
    expect([...dashboards.keys()].sort()).toEqual([east, `${east}-n`, `${east}-p`, `${east}-w`]);
    expect(links).toEqual([east]);
    const main = dashboards.get(east);
    expect(main?.title).toMatch(/ \(3f2b8f0e\)$/);
    expect(main?.data['templating']).toEqual({ list: [] });
    // The first row has the name in its title, and nothing else has.
    const others = (data: Record<string, unknown> | undefined) =>
      JSON.stringify((data?.['panels'] as unknown[]).slice(1));
    expect(others(main?.data)).toBe(others((await plain(dialect)).data));
  });

  it('takes over nobody else’s dashboard', async () => {
    await using env = await startTestEnv({ dialect });
    await env.client.saveDashboard({
      dashboard: { uid: 'mine', title: 'east (3f2b8f0e)', panels: [] },
      message: 'By hand',
    });
    const service = env.instance();

    await service.deliver('created', { id: east, name: 'east' });
    await env.advance(second);

    const { dashboards } = holdings(env);
    expect(dashboards.get('mine')).toMatchObject({ title: 'east (3f2b8f0e)', version: 1 });
    expect(dashboards.get(east)?.title).toBe(
      dialect === '9.4' ? `east (${east})` : 'east (3f2b8f0e)',
    );
  });

  it('renames in place and keeps the link', async () => {
    await using env = await startTestEnv({ dialect });
    const service = env.instance();
    await service.deliver('created', { id: east, name: 'east' });
    await env.advance(second);
    const [link] = env.grafana.publicDashboards();

    await service.deliver('updated', { id: east, name: 'far east' });
    await env.advance(second);

    expectExactly(env, [{ id: east, name: 'far east' }]);
    expect(env.grafana.publicDashboards()).toMatchObject([{ accessToken: link?.accessToken }]);
  });

  it('provisions once Grafana is back, without a second event', async () => {
    await using env = await startTestEnv({ dialect });
    const service = env.instance();
    env.grafanaDown = true;

    expect(await service.deliver('created', { id: east, name: 'east' })).toBe('SUCCESS');
    await env.advance(30 * second);
    expectExactly(env, []);
    env.grafanaDown = false;
    // It is probed every 3 s.
    await env.advance(4 * second);

    expectExactly(env, [{ id: east, name: 'east' }]);
  });
});
