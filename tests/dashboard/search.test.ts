import type { DashboardList } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { startHttpApp } from './support/http-app.js';

const [east, west, north] = [
  'aaaaaaaa-6a4d-4b6e-9a51-0d4c7d0a1b2c',
  'bbbbbbbb-1e2d-4c3b-8a79-6b5c4d3e2f10',
  'cccccccc-6a4d-4b6e-9a51-0d4c7d0a1b2c',
] as const;

it('lists the clusters with a text in their name or id, page by page', async () => {
  await using app = await startHttpApp();
  for (const [id, name] of [
    [east, 'Prod East'],
    [west, 'prod-west'],
    [north, 'staging'],
  ]) {
    await app.deliver(
      'cluster-created',
      JSON.stringify({ id: name, source: 's', data: { cluster_id: id, name } }),
    );
    await app.request('POST', `/clusters/${id}/grafana-dashboard`);
  }
  const list = async (query: string) => {
    const { body } = await app.request<DashboardList>('GET', `/dashboards?${query}`);
    const { dashboards, next } = body.data;
    return { found: dashboards.map(({ cluster_id: id }) => id), next };
  };

  expect(await list('search=PROD')).toEqual({ found: [east, west], next: null });
  expect(await list('search=BBBB')).toEqual({ found: [west], next: null });
  expect(await list('search=staging&status=ready')).toEqual({ found: [north], next: null });
  expect(await list('search=staging&status=failed')).toEqual({ found: [], next: null });
  expect(await list('search=orbit')).toEqual({ found: [], next: null });
  const first = await list('search=prod&limit=1');
  expect(first.found).toEqual([east]);
  expect(await list(`search=prod&limit=1&cursor=${first.next}`)).toMatchObject({ found: [west] });

  // Nothing is known of any of them.
  for (const key of app.state.all().keys()) await app.state.delete(key);
  expect(await list('status=orphaned&search=WEST')).toEqual({ found: [west], next: null });
});

it('counts all clusters that the caller may see by status, however many pages there are', async () => {
  await using app = await startHttpApp();
  const ids = Array.from({ length: 12 }, (_, n) => `${n}`.padStart(8, '0').concat(east.slice(8)));
  for (const id of ids)
    await app.deliver(
      'cluster-created',
      JSON.stringify({ id, source: 's', data: { cluster_id: id, name: id } }),
    );
  const list = async (query: string) =>
    (await app.request<DashboardList>('GET', `/dashboards?${query}`)).body.data;
  const areReady = async () =>
    (await list('limit=500')).dashboards.every(({ status }) => status === 'ready');
  while (!(await areReady())) await new Promise((resolve) => setTimeout(resolve, 100));
  const sharing = JSON.stringify({ enabled: false });
  await app.request('PUT', `/clusters/${ids[0]}/grafana-dashboard/sharing`, sharing);

  const none = { failed: 0, unreadable: 0, deleting: 0, pending: 0 };
  const counts = { ...none, disabled: 1, ready: 11 };
  expect((await list('limit=1')).counts).toBeUndefined();
  expect((await list('limit=1&counts=true')).counts).toEqual(counts);
  expect((await list('counts=true&status=pending&search=x')).counts).toEqual(counts);
}, 30_000);
