import { randomUUID } from 'node:crypto';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLive, type Live } from './support/live.js';

const pathOf = (id: ClusterId) => `/clusters/${id}/grafana-dashboard`;
const newId = () => clusterIdSchema.parse(randomUUID());
interface Letter {
  id: string;
  cluster_id: string | null;
  replayed_at: string | null;
}
const isReady = ({ body }: { body: { data?: Record<string, unknown> } }) =>
  body.data?.['status'] === 'ready';

describe('bud-dashboard on a real sidecar and Redis', () => {
  let live: Live;
  beforeAll(async () => {
    live = await startLive();
  }, 120_000);
  afterAll(async () => {
    await live[Symbol.asyncDispose]();
  });

  const dashboardsOf = (id: ClusterId) =>
    live.grafana.dashboards().filter(({ uid }) => uid.startsWith(id));
  const sharesOf = (id: ClusterId) =>
    live.grafana.publicDashboards().filter(({ dashboardUid }) => dashboardUid === id);

  /** Publishes a text as it is; the sidecar's status. */
  const publishText = async (topic: string, body: string, type: string) => {
    const { sidecar } = live.stack.app('bud-dashboard');
    const response = await fetch(`${sidecar.url}/v1.0/publish/pubsub/${topic}`, {
      method: 'POST',
      headers: { 'content-type': type, 'dapr-api-token': sidecar.apiToken },
      body,
    });
    return response.status;
  };

  it('leads from an event to a link that opens, and from another to none', async () => {
    const id = newId();
    expect(await live.call('GET', pathOf(id))).toMatchObject({ status: 404 });

    await live.publish('cluster-created', { cluster_id: id, name: 'east' });
    const { body } = await live.until(pathOf(id), isReady);

    expect(body).toMatchObject({
      object: 'cluster.grafana-dashboard',
      data: { uid: id, name: 'east', status: 'ready' },
    });
    const url = String(body.data?.['url']);
    expect(url).toMatch(/\/public-dashboards\/[0-9a-f]{32}$/);
    const open = await fetch(url.replace('/public-dashboards/', '/api/public/dashboards/'));
    expect(open.status).toBe(200);
    expect(dashboardsOf(id)).toHaveLength(4);

    await live.publish('cluster-deleted', { cluster_id: id });
    await live.until(pathOf(id), ({ status }) => status === 404);
    await expect(eventually(() => dashboardsOf(id).length + sharesOf(id).length)).resolves.toBe(0);
  });

  it('makes one dashboard, one link and one version of one event delivered twenty times', async () => {
    const id = newId();
    const event = { id: randomUUID(), time: new Date().toISOString() };
    const data = { cluster_id: id, name: 'twenty' };

    await Promise.all(
      Array.from({ length: 20 }, () => live.publish('cluster-created', data, event)),
    );
    await live.until(pathOf(id), isReady);
    await live.publish('cluster-created', data, event);
    await live.call('POST', pathOf(id));

    expect(dashboardsOf(id).map(({ version }) => version)).toEqual([1, 1, 1, 1]);
    expect(sharesOf(id)).toHaveLength(1);
  });

  it('takes Bud’s own stream', async () => {
    const id = newId();
    const message = (type: string, content: Record<string, unknown>) => ({
      notification_type: 'event',
      name: 'bud-internal',
      payload: { category: 'internal', type, event: 'results', source: 'budcluster', content },
      source: null,
      type: 'notification',
    });
    const publish = (body: unknown) =>
      publishText('budAppMessages', JSON.stringify(body), 'application/cloudevents+json');

    const registered = { status: 'COMPLETED', result: { id, name: 'bud' } };
    expect(await publish(message('register_cluster', registered))).toBe(204);
    await live.until(pathOf(id), isReady);
    // Its times are whole seconds, and of one second the deletion wins.
    const deleted = { message: `Cluster ${id} was deleted successfully`, result: {} };
    expect(await publish(message('delete_cluster', deleted))).toBe(204);
    await live.until(pathOf(id), ({ status }) => status === 404);
  });

  it('keeps a malformed event once, with its reason, and takes no others hostage', async () => {
    const id = newId();
    await live.publish('cluster-created', { cluster_id: 'no-uuid', name: 'x' });
    await live.publish('cluster-created', { cluster_id: id, name: 'fine' });
    await live.until(pathOf(id), isReady);
    // It comes again by way of the broker's dead letter topic.
    await new Promise((resolve) => setTimeout(resolve, 1_000));

    const { body } = await live.call('GET', '/dead-letters');
    const letters = body.data?.['dead_letters'] as { id: string; reason: string; topic: string }[];
    expect(letters).toEqual([
      expect.objectContaining({
        topic: 'cluster-created',
        reason: 'data.cluster_id: must be a UUID',
        cluster_id: null,
        replayed_at: null,
      }),
    ]);
    const replay = await live.call('POST', `/dead-letters/${letters[0]?.id ?? ''}/replay`);
    expect(replay).toMatchObject({ status: 422, body: { object: 'error', code: 422 } });
  });

  it('takes once what no sidecar can hand on, from the dead letter topic, and replays it', async () => {
    const id = newId();
    // JSON for us; Go, in which daprd is written, has no such number.
    const body = `{"cluster_id":"${id}","name":"vast","n":1e400}`;
    await publishText('cluster-created', body, 'application/json');
    await live.until(pathOf(id), isReady);

    const isReplayed = (letter: Letter) => letter.cluster_id === id && letter.replayed_at !== null;
    const { body: list } = await live.until('/dead-letters', ({ body: { data } }) =>
      (data?.['dead_letters'] as Letter[]).some(isReplayed),
    );
    const letter = (list.data?.['dead_letters'] as Letter[]).find(isReplayed);
    const replay = await live.call('POST', `/dead-letters/${letter?.id ?? ''}/replay`);
    expect(replay).toMatchObject({ status: 200, body: { data: { cluster_id: id } } });
    const deleted = await live.call('DELETE', `/dead-letters/${letter?.id ?? ''}`);
    expect(deleted).toMatchObject({ status: 200, body: { data: { deleted: 1 } } });
    expect(await live.call('GET', `/dead-letters/${letter?.id ?? ''}`)).toMatchObject({
      status: 404,
    });

    const metrics = await (await fetch(`${live.stack.app('bud-dashboard').url}/metrics`)).text();
    expect(metrics).not.toMatch(/dapr_deliveries_total\{.*dead-letter.*RETRY/);
  });

  it('finishes what a killed process left', async () => {
    const ids = Array.from({ length: 10 }, newId);
    const { process } = live.stack.app('bud-dashboard');
    for (const id of ids) await live.publish('cluster-created', { cluster_id: id, name: 'killed' });
    await process?.stop('SIGKILL');
    await process?.start();

    await Promise.all(ids.map((id) => live.until(pathOf(id), isReady, 75_000)));
    for (const id of ids) {
      expect(dashboardsOf(id)).toHaveLength(4);
      expect(sharesOf(id)).toHaveLength(1);
    }
  }, 90_000);

  it('waits for a state store that is away, and loses nothing', async () => {
    const id = newId();
    const { redis } = live.stack;
    await redis?.stop('SIGKILL');
    expect(await live.call('GET', pathOf(id))).toMatchObject({ status: 503 });
    expect(await live.call('GET', '/ready')).toMatchObject({ status: 503 });
    await redis?.start();

    await live.publish('cluster-created', { cluster_id: id, name: 'patient' });
    await live.until(pathOf(id), isReady, 60_000);
  }, 90_000);

  it('provisions once Grafana is back', async () => {
    const id = newId();
    live.grafana.fail(503);
    await live.publish('cluster-created', { cluster_id: id, name: 'later' });
    const pending = await live.until(
      pathOf(id),
      ({ body }) => body.data?.['last_error'] !== undefined,
    );
    expect(pending).toMatchObject({
      status: 202,
      body: { data: { status: 'pending', url: null } },
    });
    live.grafana.clearFaults();

    await live.until(pathOf(id), isReady, 30_000);
  }, 60_000);

  it('makes a new link and kills the old', async () => {
    const id = newId();
    await live.publish('cluster-created', { cluster_id: id, name: 'rotate' });
    const before = await live.until(pathOf(id), isReady);

    const after = await live.call('POST', `${pathOf(id)}/rotate-link`);

    expect(after).toMatchObject({ status: 200, body: { data: { status: 'ready' } } });
    expect(after.body.data?.['url']).not.toBe(before.body.data?.['url']);
    expect(sharesOf(id)).toHaveLength(1);
  });

  it('switches the link off, on, and off at its time', async () => {
    const id = newId();
    await live.publish('cluster-created', { cluster_id: id, name: 'sharing' });
    await live.until(pathOf(id), isReady);
    const put = (body: unknown) => live.call('PUT', `${pathOf(id)}/sharing`, { body });

    expect(await put({ enabled: false })).toMatchObject({
      status: 200,
      body: { data: { status: 'disabled', url: null } },
    });
    expect(sharesOf(id)).toMatchObject([{ isEnabled: false }]);
    const soon = new Date(Date.now() + 1_500).toISOString();
    expect(await put({ enabled: true, expires_at: soon })).toMatchObject({
      body: { data: { status: 'ready', sharing: { enabled: true, expires_at: soon } } },
    });
    await live.until(pathOf(id), ({ body }) => body.data?.['status'] === 'disabled');
    await expect(
      eventually(() => sharesOf(id).filter(({ isEnabled }) => isEnabled).length),
    ).resolves.toBe(0);
    for (const [expires_at, message] of [
      ['2020-01-01T00:00:00Z', 'must lie ahead'],
      [1_577_836_800, 'must lie ahead'],
      ['soon', 'must be ISO 8601 with an offset, or Unix seconds'],
    ])
      expect(await put({ enabled: true, expires_at })).toMatchObject({
        status: 400,
        body: { details: [{ field: 'expires_at', message }] },
      });
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    expect(await put({ enabled: true, expires_at: inAnHour })).toMatchObject({
      body: { data: { sharing: { expires_at: new Date(inAnHour * 1000).toISOString() } } },
    });
  });

  it('removes on request, stays away under a rename, and comes back on request', async () => {
    const id = newId();
    await live.publish('cluster-created', { cluster_id: id, name: 'a' });
    await live.until(pathOf(id), isReady);

    expect(await live.call('DELETE', pathOf(id))).toMatchObject({
      status: 200,
      body: { data: { status: 'disabled', url: null, dashboards: [] } },
    });
    expect(dashboardsOf(id)).toEqual([]);
    await live.publish('cluster-updated', { cluster_id: id, name: 'b' });
    await live.until(pathOf(id), ({ body }) => body.data?.['name'] === 'b');
    expect(dashboardsOf(id)).toEqual([]);
    expect(await live.call('POST', pathOf(id))).toMatchObject({
      status: 200,
      body: { data: { status: 'ready', name: 'b' } },
    });
  });

  it('shows and changes only what the token allows', async () => {
    const id = newId();
    await live.publish('cluster-created', { cluster_id: id, name: 'guarded' });
    await live.until(pathOf(id), isReady);
    const viewer = await live.token({ permissions: ['cluster:view'] });
    const stranger = await live.token({ clusters: [newId()] });
    const limited = await live.token({ clusters: [id] });

    expect(await live.call('GET', pathOf(id), { token: '' })).toMatchObject({ status: 401 });
    expect(await live.call('GET', pathOf(id), { token: viewer })).toMatchObject({ status: 200 });
    expect(await live.call('POST', pathOf(id), { token: viewer })).toMatchObject({ status: 403 });
    expect(await live.call('GET', pathOf(id), { token: stranger })).toMatchObject({ status: 403 });
    const { body } = await live.call('GET', '/dashboards', { token: limited });
    expect(body.data).toMatchObject({
      dashboards: [{ cluster_id: id, status: 'ready' }],
      next: null,
    });
    expect(JSON.stringify(body)).not.toMatch(/[0-9a-f]{32}/);
    const dead = await live.call('GET', '/dead-letters', { token: limited });
    expect(dead.body.data).toEqual({ dead_letters: [], next: null, total: 0 });
  });

  it('goes through its list by cursor, which was called after', async () => {
    for (const name of ['one', 'two']) {
      const id = newId();
      await live.publish('cluster-created', { cluster_id: id, name });
      await live.until(pathOf(id), isReady);
    }
    const list = (query: string) => live.call('GET', `/dashboards?${query}`);
    const first = await list('limit=1');
    const next = first.body.data?.['next'] as string;
    const second = await list(`limit=1&cursor=${next}`);
    expect(second.body.data?.['dashboards']).toHaveLength(1);
    expect(second.body.data).not.toEqual(first.body.data);
    expect((await list(`limit=1&after=${next}`)).body.data).toEqual(second.body.data);
    for (const field of ['cursor', 'after'])
      expect(await list(`${field}=x`)).toMatchObject({
        status: 400,
        body: { details: [{ field, message: 'must be the `next` of a page' }] },
      });
  });

  it('takes no event from anybody but its sidecar', async () => {
    const id = newId();
    const body = { data: { cluster_id: id } };
    expect(await live.call('POST', '/events/cluster-created', { body })).toMatchObject({
      status: 403,
    });
    expect(await live.call('GET', pathOf(id))).toMatchObject({ status: 404 });
  });

  it('names the parts it stands on', async () => {
    expect(await live.call('GET', '/ready')).toMatchObject({ status: 200 });
    expect(await live.call('GET', '/health/stack')).toMatchObject({
      status: 200,
      body: {
        data: {
          grafana: { status: 'healthy', details: { version: expect.any(String) } },
          statestore: { status: 'healthy' },
          sidecar: { status: 'healthy' },
          reconcile: { status: 'healthy' },
        },
      },
    });
    expect(await live.call('GET', `/clusters/nonsense/grafana-dashboard`)).toMatchObject({
      status: 400,
      body: { details: [{ field: 'cluster_id' }] },
    });
    const templates = await live.call('GET', '/templates');
    expect(templates.body.data?.['templates']).toHaveLength(6);
    const report = await live.call('POST', '/templates/validate', { body: { title: 'x' } });
    expect(report).toMatchObject({ status: 200, body: { data: { valid: false } } });
  });
});

/** The value once it is 0, or as it is after 5 s. */
async function eventually(value: () => number): Promise<number> {
  for (let n = 0; n < 100 && value() !== 0; n += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return value();
}
