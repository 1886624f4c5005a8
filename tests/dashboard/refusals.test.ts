import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type Instance } from './support/test-env.js';

const second = 1_000;
const minute = 60 * second;
const ids = Array.from({ length: 6 }, (_, n) =>
  clusterIdSchema.parse(`3f2b8f${10 + n}-6a4d-4b6e-9a51-0d4c7d0a1b2c`),
);
const [id] = ids as [(typeof ids)[number]];
const templates = smallTemplates();
const errorOf = async (service: Instance) => (await service.records.get(id))?.record.work.error;

describe('credentials that Grafana does not accept', () => {
  it('are tried once, not for every cluster and not again after a restart', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance({ password: 'wrong' });
    service.resyncLoop.start();
    for (const cluster of ids) await service.deliver('created', { id: cluster, name: 'a' });
    await env.advance(10 * minute);
    await service.stop();
    const restarted = env.instance({ password: 'wrong' });
    restarted.resyncLoop.start();
    await env.advance(10 * minute);

    // Five would lock the account, people included.
    expect(env.grafana.requests.filter(({ status }) => status === 401)).toHaveLength(1);
    expect(await errorOf(restarted)).toMatchObject({ code: 'unauthorized', lasting: true });

    await restarted.stop();
    env.instance().resyncLoop.start();
    await env.advance(minute);
    expectExactly(
      env,
      ids.map((cluster) => ({ id: cluster, name: 'a' })),
    );
  });

  it('are not tried by another replica that runs already', async () => {
    await using env = await startTestEnv({ templates });
    // Of the same password, each with a client of its own.
    const replicas = [env.instance({ password: 'admin' }), env.instance({ password: 'admin' })];
    for (const [n, replica] of replicas.entries())
      await replica.deliver('created', { id: ids[n]!, name: 'a' });
    await env.advance(second);
    env.grafana.fail(401);

    for (const [n, replica] of replicas.entries()) {
      await replica.deliver('updated', { id: ids[n]!, name: 'b' });
      await env.advance(2 * second);
    }

    expect(env.grafana.requests.filter(({ status }) => status === 401)).toHaveLength(1);
    expect((await replicas[1]!.records.get(ids[1]!))?.record.work.error).toMatchObject({
      code: 'unauthorized',
    });
  });

  it('are tried again after a long time', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance({ password: 'wrong' });
    service.resyncLoop.start();
    await service.deliver('created', { id, name: 'a' });
    await env.advance(29 * minute);
    await service.stop();
    // The client holds back by itself too, in real time: a new one stands for it.
    env.instance({ password: 'wrong' }).resyncLoop.start();

    await env.advance(20 * minute);

    expect(env.grafana.requests.filter(({ status }) => status === 401)).toHaveLength(2);
  });
});

describe('a permanent failure', () => {
  it('is reported and not hammered', async () => {
    await using env = await startTestEnv({ templates });
    env.grafana.fail(403, { match: /^POST .*public-dashboards/ });
    const service = env.instance();
    service.resyncLoop.start();
    await service.deliver('created', { id, name: 'a' });

    await env.advance(14 * minute);
    expect(await errorOf(service)).toMatchObject({
      code: 'forbidden',
      lasting: true,
      message: expect.stringContaining('dashboards.public:write'),
    });
    expect(env.grafana.count(/^POST .*public-dashboards/)).toBe(1);

    env.grafana.clearFaults();
    await env.advance(20 * minute);
    expectExactly(env, [{ id, name: 'a' }]);
    expect(env.published.map(({ topic }) => topic)).toEqual([
      'dashboard-failed',
      'dashboard-provisioned',
    ]);
  });

  it('does not hold up the dashboards that need nothing mended', async () => {
    await using env = await startTestEnv({ templates });
    env.grafana.fail(404, { match: /^POST .*public-dashboards/ });
    const service = env.instance();
    service.resyncLoop.start();
    await service.deliver('created', { id, name: 'a' });

    await env.advance(minute);

    expect(env.grafana.dashboards()).toHaveLength(4);
    expect(await errorOf(service)).toMatchObject({ lasting: true });
    const record = (await service.records.get(id))?.record;
    expect(Object.keys(record?.observed.dashboards ?? {}).sort()).toEqual([
      'cluster',
      'nodes',
      'power',
      'workloads',
    ]);
  });

  it('is tried at once when somebody asks for it', async () => {
    await using env = await startTestEnv({ templates });
    env.grafana.fail(403, { match: /^POST .*public-dashboards/, times: 1 });
    const service = env.instance();
    await service.deliver('created', { id, name: 'a' });
    await env.advance(second);

    await service.desiredState.handleRequest(id, { kind: 'provision' });
    await env.advance(second);

    expectExactly(env, [{ id, name: 'a' }]);
  });
});

describe('a Grafana that fails for a while', () => {
  it.each<[500 | 'html' | 'nonsense' | 'proxy-404' | 'lost-answer']>([
    ['html'],
    ['nonsense'],
    ['proxy-404'],
    [500],
    ['lost-answer'],
  ])('with %s ends in one dashboard and one link', async (fault) => {
    await using env = await startTestEnv({ templates });
    // Three in a row are one call with its tries; the client's breaker stays closed.
    env.grafana.fail(fault, { match: /^(POST|DELETE)/, times: 3 });
    const service = env.instance();
    service.resyncLoop.start();
    await service.deliver('created', { id, name: 'a' });

    await env.advance(10 * minute);

    expectExactly(env, [{ id, name: 'a' }]);
    expect(env.grafana.publicDashboards()).toHaveLength(1);
  });
});

describe('a proxy in front of Grafana', () => {
  it.each<['html' | 'proxy-404']>([['html'], ['proxy-404']])(
    'that answers %s in its place does not pass for dashboards and links that are gone',
    async (fault) => {
      await using env = await startTestEnv({ templates });
      const service = env.instance();
      service.resyncLoop.start();
      await service.deliver('created', { id, name: 'a' });
      await env.advance(second);
      env.grafana.fail(fault);

      await service.deliver('deleted', { id });
      await env.advance(second);
      expect((await service.records.get(id))?.record.work.error).toMatchObject({
        code: 'bad_answer',
        lasting: false,
        message: expect.stringContaining('GRAFANA_URL has to lead to Grafana itself'),
      });

      env.grafana.clearFaults();
      await env.advance(10 * minute);
      expectExactly(env, []);
    },
  );
});

describe('a broker that is down', () => {
  it('stops no work, and hears of it later', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    service.resyncLoop.start();
    env.brokerDown = true;
    await service.deliver('created', { id, name: 'a' });
    await env.advance(minute);
    expectExactly(env, [{ id, name: 'a' }]);

    env.brokerDown = false;
    await env.advance(5 * minute);

    expect(env.published).toMatchObject([
      { topic: 'dashboard-provisioned', event: { cluster_id: id, name: 'a', uid: id, version: 1 } },
    ]);
    await env.advance(60 * minute);
    expect(env.published).toHaveLength(1);
  });
});

describe('a state store that is down', () => {
  it('makes deliveries wait, and the work go on afterwards', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    service.resyncLoop.start();
    env.state.down = true;
    expect(await service.deliver('created', { id, name: 'a' })).toBe('RETRY');
    env.state.down = false;
    expect(await service.deliver('created', { id, name: 'a' })).toBe('SUCCESS');
    env.state.down = true;
    await env.advance(minute);
    env.state.down = false;
    await env.advance(minute);

    expectExactly(env, [{ id, name: 'a' }]);
  });
});
