import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { startLive } from '../dashboard/support/live.js';
import { titlesOf } from './support/grafana-diff.js';

it('makes one dashboard, one link and one version of one event delivered 100 times, 10 at once', async () => {
  await using live = await startLive({ DISCOVER_CLUSTERS: 'false' });
  const { grafana } = live;
  const id = randomUUID();
  const event = { id: randomUUID(), time: new Date().toISOString() };
  const publish = () => live.publish('cluster-created', { cluster_id: id, name: 'hundred' }, event);

  for (let sent = 0; sent < 100; sent += 10) await Promise.all(Array.from({ length: 10 }, publish));
  const app = live.stack.app('bud-dashboard');
  const deadline = performance.now() + 20_000;
  let delivered = 0;
  while (delivered < 100 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    delivered = deliveriesIn(await (await fetch(`${app.url}/metrics`)).text());
  }
  const path = `/clusters/${id}/grafana-dashboard`;
  await live.until(path, ({ body }) => body.data?.['status'] === 'ready');

  expect(delivered).toBe(100);
  expect(
    grafana
      .dashboards()
      .map(({ uid, title }) => [uid, title])
      .sort(),
  ).toEqual(titlesOf(id, 'hundred'));
  expect(grafana.dashboards().map(({ version }) => version)).toEqual([1, 1, 1, 1]);
  expect(grafana.publicDashboards()).toHaveLength(1);
  expect(grafana.writes).toMatchObject({ dashboardsSaved: 4, publicDashboardsCreated: 1 });
}, 90_000);

/** Answered deliveries of the topic, from the service's own metrics. */
function deliveriesIn(metrics: string): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith('http_request_duration_seconds_count{'))
    .filter((line) => line.includes('"/events/cluster-created"'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
