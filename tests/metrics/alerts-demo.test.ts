import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { AlertList } from '@bud-monitoring/contracts';
import { demoFleet, fleetSeries } from '../../stack/src/fleet/index.js';
import { startService } from './support/service.js';
import { createTestSidecar } from './support/sidecar.js';
import { startStore } from './support/store.js';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const fleet = demoFleet({ anchor: end });

let store: Awaited<ReturnType<typeof startStore>>;

beforeAll(async () => {
  const series = fleetSeries(fleet)
    .filter(({ name }) => /^(node_[a-z]+_|kube_node_)/.test(name) && !name.includes(':'))
    .map(({ name, labels, value }) => ({
      ...{ name, labels },
      values: (_elapsed: number, t: number) => value(t),
    }));
  store = await startStore([{ start: end - 1500, end, interval: 30, series }]);
}, 120_000);

afterAll(() => store.stop());

it('finds the incidents of the demo fleet, and nothing else', async () => {
  const { dapr } = createTestSidecar();
  await using service = await startService({ prometheus: store.url, now: end - 360, dapr });
  for (let minute = 0; minute <= 5; minute += 1) {
    await service.deliver('/evaluate-alerts', {});
    service.now += 60;
  }
  const found = await Promise.all(
    fleet.clusters.map(async ({ id, name }) => {
      const { body } = await service.get(`/clusters/${id}/alerts`);
      const { alerts } = body.data as AlertList;
      return alerts.map((alert) =>
        [name, alert.hostname, alert.metric, alert.severity, alert.state].join(' '),
      );
    }),
  );
  expect(found.flat().sort()).toEqual([
    'edge-minimal edge-3 node_not_ready critical firing',
    'production-east prod-worker-1 cpu_usage critical firing',
    'production-east prod-worker-2 network_errors warning firing',
    'production-east prod-worker-3 node_not_ready critical firing',
    'staging-west stage-1 disk_usage warning firing',
  ]);
}, 60_000);
