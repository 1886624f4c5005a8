import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { startHttpApp, type HttpApp } from './support/http-app.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type Dialect, type TestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();
const headers = {
  'content-type': 'application/json',
  authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}`,
};

async function ask(url: string, method: string, path: string, body?: unknown): Promise<number> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Shares a dashboard by hand. */
const share = (env: TestEnv, uid: string) =>
  ask(env.grafana.url, 'POST', `/api/dashboards/uid/${uid}/public-dashboards`, {
    isEnabled: true,
    share: 'public',
  });

async function provisioned(env: TestEnv) {
  const service = env.instance();
  service.resyncLoop.start();
  await service.deliver('created', { id, name: 'east' });
  await env.advance(second);
  return service;
}

const links = (env: TestEnv) =>
  env.grafana
    .publicDashboards()
    .map(({ dashboardUid, isEnabled }) => ({ dashboardUid, isEnabled }));

describe('links that people made', () => {
  it('end beside ours, and on the other dashboards', async () => {
    await using env = await startTestEnv({ templates });
    await provisioned(env);
    const [ours] = env.grafana.publicDashboards();
    for (const uid of [id, `${id}-n`]) expect(await share(env, uid)).toBe(200);
    expect(links(env)).toHaveLength(3);

    await env.advance(11 * minute);

    expect(env.grafana.publicDashboards()).toEqual([ours]);
  });

  it('end at once where sharing is switched off', async () => {
    await using env = await startTestEnv({ templates });
    const service = await provisioned(env);
    await share(env, id);
    await share(env, `${id}-n`);

    const off = { kind: 'share', enabled: false, expiresAt: null } as const;
    await service.desiredState.handleRequest(id, off);
    await env.advance(second);

    expect(links(env)).toEqual([{ dashboardUid: id, isEnabled: false }]);
  });

  it('are let be where we may not see them', async () => {
    await using env = await startTestEnv({ templates });
    const service = await provisioned(env);
    env.grafana.fail(403, { match: /^GET \/api\/dashboards\/public-dashboards$/ });

    await env.advance(11 * minute);

    expect(service.statusCounts.at(-1)).toMatchObject({ ready: 1 });
  });
});

describe.each<[Dialect, boolean]>([
  ['9.4', false],
  ['later', true],
])('a dashboard that was deleted by hand, in Grafana %s', (dialect, keeps) => {
  it(`comes back with ${keeps ? 'the same' : 'another'} link`, async () => {
    await using env = await startTestEnv({ dialect, templates });
    await provisioned(env);
    const [before] = env.grafana.publicDashboards();
    await ask(env.grafana.url, 'DELETE', `/api/dashboards/uid/${id}`);

    await env.advance(11 * minute);

    const [after] = env.grafana.publicDashboards();
    expect(after).toMatchObject({ dashboardUid: id, isEnabled: true });
    expect(after?.accessToken === before?.accessToken).toBe(keeps);
    expect(after?.uid === before?.uid).toBe(keeps);
  });
});

describe('a link that Grafana lost', () => {
  const path = `/clusters/${id}/grafana-dashboard`;
  const event = { id: 'a', source: 's', data: { cluster_id: id, name: 'east' } };
  const token = (app: HttpApp) => app.grafana.publicDashboards()[0]?.accessToken ?? 'none';
  const ready = async (app: HttpApp) => {
    await app.deliver('cluster-created', JSON.stringify(event));
    await app.request('POST', path);
  };

  it('is never told: it is made again first', async () => {
    await using app = await startHttpApp();
    await ready(app);
    await ask(app.grafana.url, 'DELETE', `/api/dashboards/uid/${id}`);

    const { body } = await app.request<{ url: string }>('GET', path);

    expect(body.data).toMatchObject({ status: 'ready' });
    expect(body.data.url).toContain(token(app));
  });

  it('is pending where it cannot be made again', async () => {
    await using app = await startHttpApp();
    await ready(app);
    await ask(app.grafana.url, 'DELETE', `/api/dashboards/uid/${id}`);
    app.grafana.fail(403, { match: /^POST / });

    const answer = await app.request('GET', path);

    expect(answer).toMatchObject({ body: { data: { url: null } } });
    expect(answer.body.data).not.toMatchObject({ status: 'ready' });
  });

  it('is asked for once a minute, and not while Grafana is away', async () => {
    await using app = await startHttpApp();
    await ready(app);
    const get = () => app.grafana.count(/^GET \/api\/dashboards\/uid\/[^/]+\/public-dashboards$/);
    const before = get();
    for (let n = 0; n < 5; n += 1) await app.request('GET', path);
    expect(get()).toBe(before + 1);
  });

  it('costs nothing where Grafana does not answer', async () => {
    await using app = await startHttpApp();
    await ready(app);
    app.grafana.fail(500);

    expect(await app.request('GET', path)).toMatchObject({ body: { data: { status: 'ready' } } });
  });
});

describe('a request to provision', () => {
  it('prepares anew: data source and folder', async () => {
    await using app = await startHttpApp({
      GRAFANA_DATASOURCE_URL: 'http://prometheus.invalid:9090',
      GRAFANA_FOLDER: 'Clusters',
    });
    const path = `/clusters/${id}/grafana-dashboard`;
    const event = { id: 'a', source: 's', data: { cluster_id: id, name: 'east' } };
    await app.deliver('cluster-created', JSON.stringify(event));
    await app.request('POST', path);
    app.grafana.wipe();

    await app.request('POST', path);

    expect(await ask(app.grafana.url, 'GET', '/api/datasources/uid/prometheus')).toBe(200);
    expect(app.grafana.dashboards().map(({ folderUid }) => folderUid)).not.toContain('');
  });

  it('is told by health where panels have nothing to ask', async () => {
    await using app = await startHttpApp();
    const { body } = await app.request<Record<string, unknown>>('GET', '/health/stack');
    expect(body.data['datasource']).toEqual({
      status: 'degraded',
      details: { uid: 'prometheus', warning: expect.stringContaining('GRAFANA_DATASOURCE_URL') },
    });
  });
});

describe('a dashboard that was moved by hand', () => {
  it.each(['overwrite', 'keep'] as const)('under %s', async (drift) => {
    await using env = await startTestEnv({ templates });
    const service = env.instance({ drift, folder: 'Clusters' });
    service.resyncLoop.start();
    await service.deliver('created', { id, name: 'east' });
    await env.advance(second);
    const place = () => env.grafana.dashboards().find(({ uid }) => uid === id);
    const folderUid = place()?.folderUid;
    const dashboard = place()?.data;
    await ask(env.grafana.url, 'POST', '/api/dashboards/db', { dashboard, folderUid: '' });
    expect(place()?.folderUid).toBe('');

    await env.advance(11 * minute);

    expect(place()?.folderUid).toBe(drift === 'overwrite' ? folderUid : '');
    expect(service.statusCounts.at(-1)).toMatchObject({
      ready: 1,
      drifted: drift === 'overwrite' ? 0 : 1,
    });
  });
});
