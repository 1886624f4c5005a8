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
