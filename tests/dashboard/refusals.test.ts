import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld, type Instance } from './support/test-env.js';

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
    await using world = await startWorld({ templates });
    const service = world.instance({ password: 'wrong' });
    service.reconcile.start();
    for (const cluster of ids) await service.deliver('created', { id: cluster, name: 'a' });
    await world.pass(10 * minute);
    await service.stop();
    const restarted = world.instance({ password: 'wrong' });
    restarted.reconcile.start();
    await world.pass(10 * minute);

    // Five would lock the account, people included.
    expect(world.grafana.requests.filter(({ status }) => status === 401)).toHaveLength(1);
    expect(await errorOf(restarted)).toMatchObject({ code: 'unauthorized', lasting: true });

    await restarted.stop();
    world.instance().reconcile.start();
    await world.pass(minute);
    expectExactly(
      world,
      ids.map((cluster) => ({ id: cluster, name: 'a' })),
    );
  });

  it('are not tried by another replica that runs already', async () => {
    await using world = await startWorld({ templates });
    // Of the same password, each with a client of its own.
    const replicas = [world.instance({ password: 'admin' }), world.instance({ password: 'admin' })];
    for (const [n, replica] of replicas.entries())
      await replica.deliver('created', { id: ids[n]!, name: 'a' });
    await world.pass(second);
    world.grafana.fail(401);

    for (const [n, replica] of replicas.entries()) {
      await replica.deliver('updated', { id: ids[n]!, name: 'b' });
      await world.pass(2 * second);
    }

    expect(world.grafana.requests.filter(({ status }) => status === 401)).toHaveLength(1);
    expect((await replicas[1]!.records.get(ids[1]!))?.record.work.error).toMatchObject({
      code: 'unauthorized',
    });
  });

  it('are tried again after a long time', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance({ password: 'wrong' });
    service.reconcile.start();
    await service.deliver('created', { id, name: 'a' });
    await world.pass(29 * minute);
    await service.stop();
    // The client holds back by itself too, in real time: a new one stands for it.
    world.instance({ password: 'wrong' }).reconcile.start();

    await world.pass(20 * minute);

    expect(world.grafana.requests.filter(({ status }) => status === 401)).toHaveLength(2);
  });
});

describe('what repeating does not mend', () => {
  it('is reported and not hammered', async () => {
    await using world = await startWorld({ templates });
    world.grafana.fail(403, { match: /^POST .*public-dashboards/ });
    const service = world.instance();
    service.reconcile.start();
    await service.deliver('created', { id, name: 'a' });

    await world.pass(14 * minute);
    expect(await errorOf(service)).toMatchObject({
      code: 'forbidden',
      lasting: true,
      message: expect.stringContaining('dashboards.public:write'),
    });
    expect(world.grafana.count(/^POST .*public-dashboards/)).toBe(1);

    world.grafana.clearFaults();
    await world.pass(20 * minute);
    expectExactly(world, [{ id, name: 'a' }]);
    expect(world.published.map(({ topic }) => topic)).toEqual([
      'dashboard-failed',
      'dashboard-provisioned',
    ]);
  });

  it('does not hold up the dashboards that need nothing mended', async () => {
    await using world = await startWorld({ templates });
    world.grafana.fail(404, { match: /^POST .*public-dashboards/ });
    const service = world.instance();
    service.reconcile.start();
    await service.deliver('created', { id, name: 'a' });

    await world.pass(minute);

    expect(world.grafana.dashboards()).toHaveLength(4);
    expect(await errorOf(service)).toMatchObject({ lasting: true });
    const record = (await service.records.get(id))?.record;
    expect(Object.keys(record?.observed.dashboards ?? {}).sort()).toEqual([
      'cluster',
      'gpu',
      'nodes',
      'power',
    ]);
  });

  it('is tried at once when somebody asks for it', async () => {
    await using world = await startWorld({ templates });
    world.grafana.fail(403, { match: /^POST .*public-dashboards/, times: 1 });
    const service = world.instance();
    await service.deliver('created', { id, name: 'a' });
    await world.pass(second);

    await service.intake.request(id, { kind: 'provision' });
    await world.pass(second);

    expectExactly(world, [{ id, name: 'a' }]);
  });
});

describe('a Grafana that fails for a while', () => {
  it.each<[500 | 'html' | 'nonsense' | 'lost-answer']>([
    ['html'],
    ['nonsense'],
    [500],
    ['lost-answer'],
  ])('with %s ends in one dashboard and one link', async (fault) => {
    await using world = await startWorld({ templates });
    // Three in a row are one call with its tries; the client's breaker stays closed.
    world.grafana.fail(fault, { match: /^(POST|DELETE)/, times: 3 });
    const service = world.instance();
    service.reconcile.start();
    await service.deliver('created', { id, name: 'a' });

    await world.pass(10 * minute);

    expectExactly(world, [{ id, name: 'a' }]);
    expect(world.grafana.shares()).toHaveLength(1);
  });
});

describe('a broker that is down', () => {
  it('stops no work, and hears of it later', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    service.reconcile.start();
    world.brokerDown = true;
    await service.deliver('created', { id, name: 'a' });
    await world.pass(minute);
    expectExactly(world, [{ id, name: 'a' }]);

    world.brokerDown = false;
    await world.pass(5 * minute);

    expect(world.published).toMatchObject([
      { topic: 'dashboard-provisioned', event: { cluster_id: id, name: 'a', uid: id, version: 1 } },
    ]);
    await world.pass(60 * minute);
    expect(world.published).toHaveLength(1);
  });
});

describe('a state store that is down', () => {
  it('makes deliveries wait, and the work go on afterwards', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    service.reconcile.start();
    world.state.down = true;
    expect(await service.deliver('created', { id, name: 'a' })).toBe('RETRY');
    world.state.down = false;
    expect(await service.deliver('created', { id, name: 'a' })).toBe('SUCCESS');
    world.state.down = true;
    await world.pass(minute);
    world.state.down = false;
    await world.pass(minute);

    expectExactly(world, [{ id, name: 'a' }]);
  });
});
