import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DashboardList } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { startLive } from './support/live.js';

const count = 25;

it('tells what is there soon after a start, and a resync of what is unchanged writes nothing', async () => {
  await using live = await startLive({ DISCOVER_CLUSTERS: 'false' });
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) await live.publish('cluster-created', { cluster_id: id, name: 'east' });
  const isRight = ({ body }: { body: { data?: unknown } }) => {
    const { dashboards = [] } = (body.data ?? {}) as Partial<DashboardList>;
    return dashboards.length === count && dashboards.every(({ status }) => status === 'ready');
  };
  await live.until('/dashboards', isRight, 60_000);
  const keys = ids.map((id) => `cluster:${id}`);
  const records = () => live.dapr.state('statestore').getMany(keys);
  const { grafana } = live;
  const program = live.stack.app('bud-dashboard').process!;

  await program.stop();
  const before = { records: await records(), writes: { ...grafana.writes } };
  const calls = grafana.requests.length;
  await program.start();
  await live.until('/dashboards', isRight, 5_000);
  // So few clusters are read whole.
  while (grafana.requests.length - calls < 5 * count) await sleep(100);
  await sleep(1_000);

  expect(grafana.writes).toEqual(before.writes);
  expect(await records()).toEqual(before.records);
}, 180_000);
