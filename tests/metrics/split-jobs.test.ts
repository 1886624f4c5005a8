import { describe, expect, it } from '@jest/globals';
import type { FleetCluster } from '@bud-monitoring/contracts';
import { ramp, type KnownSeries } from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { expectNear } from './support/near.js';
import { every } from './support/sampled-node.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const split = '20400000-0000-4000-8000-000000000001';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 3 * 3600, interval: 30 };

/** What a job scrapes alone (`collect[]`), and how often. */
const jobs = [
  { job: 'processors', interval: 15, of: /cpu/ },
  { job: 'network', interval: 100, of: /network/ },
  { job: 'others', interval: 240, of: /memory|uname|filesystem/ },
];

/** A node of which no job scrapes everything. */
function node(index: number, ports: readonly number[], from = sampled.start): KnownSeries[] {
  return jobs.flatMap(({ job, interval, of }, at) => {
    const instance = `10.0.0.${index}:${ports[at] ?? ports[0] ?? 0}`;
    const values = { nodename: `n${index}`, busy: ramp(0.25), received: ramp(1_250_000) };
    return nodeSeries({ cluster: split, job, instance }, values)
      .filter(({ name }) => of.test(name) || name === 'node_uname_info')
      .map((one) => ({ ...one, times: every(interval, { from, to: end, phase: 7 * at }) }));
  });
}

const all = [...node(1, [9100]), ...node(2, [9100, 9101, 9102]), ...node(3, [9100], end - 1500)];

describe.each(stores)('jobs that share the collectors of a node, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it.each(['time_range=10min', 'time_range=today', `start=${end - 7200}&end=${end}&step=60`])(
    'tell together what it does: %s',
    async (query) => {
      const { nodes, cluster_summary: summary } = await service.metrics(split, query);
      expect(Object.values(nodes).map(({ hostname }) => hostname)).toHaveLength(3);
      for (const { cpu, memory, network_in: network } of Object.values(nodes)) {
        expectNear(cpu!.usage_percent, 25);
        expectNear(cpu!.average, 25);
        expectNear(network!.inbound_mbps, 10);
        expectNear(network!.average, 10);
        expectNear(memory!.average, 75);
      }
      expectNear(summary.cpu!.usage_percent, 25);
      expectNear(summary.cpu!.average, 25);
    },
  );

  it('say the same on every route', async () => {
    const { nodes } = await service.nodeMetrics(split);
    for (const { cpu } of Object.values(nodes)) expectNear(cpu.usage_percent, 25);
    const { body } = await service.get('/clusters');
    const { clusters } = body.data as { clusters: FleetCluster[] };
    expect(clusters[0]).toMatchObject({ nodes: 3, cpu: { usage_percent: 25, cores: 6 } });
  });
});
