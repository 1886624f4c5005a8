import type { DashboardList, GrafanaDashboard } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { startHttpApp, type HttpApp } from './support/http-app.js';

const [east, west, known] = [
  '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c',
  '8a1c0d5f-1e2d-4c3b-8a79-6b5c4d3e2f10',
  'aaaaaaaa-6a4d-4b6e-9a51-0d4c7d0a1b2c',
] as const;
const path = (id: string) => `/clusters/${id}/grafana-dashboard`;

async function create(app: HttpApp, id: string, name: string): Promise<string | null> {
  const event = { id: name, source: 's', data: { cluster_id: id, name } };
  await app.deliver('cluster-created', JSON.stringify(event));
  return (await app.request<GrafanaDashboard>('POST', path(id))).body.data.url;
}
const orphans = async (app: HttpApp) =>
  (await app.request<DashboardList>('GET', '/dashboards?status=orphaned')).body.data.dashboards;

it('after a loss of the state store, dashboards of ours are found, adopted or removed', async () => {
  await using app = await startHttpApp();
  const url = await create(app, east, 'east');
  await create(app, west, 'west');
  expect(await orphans(app)).toEqual([]);
  // A copy has the tags, and is nobody's business.
  const { data } = app.grafana.dashboards().find(({ uid }) => uid === east)!;
  const copy = { ...data, id: null, uid: 'a-copy', title: 'My copy' };
  await fetch(`${app.grafana.url}/api/dashboards/db`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa('admin:admin')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ dashboard: copy }),
  });
  for (const key of app.state.all().keys()) await app.state.delete(key);
  await create(app, known, 'known');

  const shown = { status: 'orphaned', drifted: false };
  expect(await orphans(app)).toEqual([
    { cluster_id: east, name: 'east', uid: east, ...shown },
    { cluster_id: west, name: 'west', uid: west, ...shown },
  ]);
  expect(await app.request('GET', '/dashboards?status=ready')).toMatchObject({
    body: { data: { dashboards: [{ cluster_id: known }] } },
  });
  expect((await app.request('POST', `${path(east)}/rotate-link`)).status).toBe(404);

  const saved = app.grafana.writes.dashboardsSaved;
  expect(await app.request('POST', path(east))).toMatchObject({
    status: 200,
    body: { data: { status: 'ready', name: 'east', url } },
  });
  expect(app.grafana.writes.dashboardsSaved).toBe(saved);
  expect(await app.request('DELETE', path(west))).toMatchObject({
    status: 200,
    body: { data: { dashboards: [], url: null } },
  });
  expect(await orphans(app)).toEqual([]);
  const left = app.grafana.dashboards().map(({ uid }) => uid);
  expect(left.filter((uid) => uid.startsWith(west))).toEqual([]);
  expect(left).toHaveLength(9);
  expect(app.grafana.publicDashboards()).toHaveLength(2);
  expect((await app.request('DELETE', path(west))).status).toBe(404);
});
