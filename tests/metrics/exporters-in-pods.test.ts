import { describe, expect, it } from '@jest/globals';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { expectNear } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const labelled = '0c400000-0000-4000-8000-000000000001';
const named = '0c400000-0000-4000-8000-000000000002';
const collected = '0c400000-0000-4000-8000-000000000003';
const remade = '0c400000-0000-4000-8000-000000000004';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 2 * 3600, interval: 30 };
/** Seconds after the first sample. */
const restart = 2 * 3600 - 420;

const exporter = (
  labels: Record<string, string>,
  nodename: string,
  alive: (elapsed: number) => boolean,
  cores = 2,
) =>
  nodeSeries(
    { job: 'node-exporter', ...labels },
    { nodename, cores, busy: ramp(0.25), received: ramp(1_250_000), alive },
  );
const before = (elapsed: number) => elapsed < restart;
const after = (elapsed: number) => elapsed >= restart;

const all: KnownSeries[] = [
  // The pod of its exporter was replaced seven minutes ago.
  ...kubernetesNode(labelled, { name: 'n1', ip: '10.0.0.1' }),
  ...exporter({ cluster: labelled, node: 'n1', instance: '10.244.0.5:9100' }, 'old-pod', before),
  ...exporter({ cluster: labelled, node: 'n1', instance: '10.244.0.9:9100' }, 'new-pod', after),
  // The same without a label, by the name of the kernel.
  ...kubernetesNode(named, { name: 'n1', ip: '10.0.0.1' }),
  ...exporter({ cluster: named, instance: '10.244.0.9:9100' }, 'n1', before),
  ...exporter({ cluster: named, instance: '10.244.0.5:9100' }, 'n1', after),
  // OpenTelemetry's collector names nodes by a label of its own, and some agents by the kernel's.
  ...kubernetesNode(collected, { name: 'n1', ip: '10.0.0.1' }),
  ...exporter(
    { cluster: collected, k8s_node_name: 'n1', instance: '10.244.0.5:9100' },
    'pod',
    () => true,
  ),
  ...['nodename', 'host_name'].map((label, index) =>
    series(
      index === 0 ? 'kepler_node_package_joules_total' : 'DCGM_FI_DEV_GPU_UTIL',
      { cluster: collected, instance: `10.244.0.${index + 7}:9102`, [label]: 'n1', UUID: 'x' },
      index === 0 ? ramp(40) : constant(30),
    ),
  ),
  // Another machine under the same name, scraped at its own address: its cores are not this one's.
  ...kubernetesNode(remade, { name: 'n1', ip: '10.0.0.2' }),
  ...exporter({ cluster: remade, instance: '10.0.0.1:9100' }, 'n1', before, 16),
  ...exporter({ cluster: remade, instance: '10.0.0.2:9100' }, 'n1', after),
];

describe.each(stores)('exporters in pods, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it.each([
    ['by a label', labelled, '10.244.0.9:9100'],
    ['by the name of its kernel', named, '10.244.0.5:9100'],
  ])('are those of the node whatever their addresses: %s', async (_how, cluster, key) => {
    for (const query of ['time_range=10min', `start=${end - 3600}&end=${end}&step=60`]) {
      const answer = await service.metrics(cluster, `${query}&series=true`);
      const { nodes, cluster_summary: summary, coverage, warnings } = answer;
      expect(Object.keys(nodes)).toEqual([key]);
      const { hostname, cpu, memory, network_in: network } = nodes[key]!;
      expect(hostname).toBe('n1');
      for (const figures of [cpu!, summary.cpu!]) {
        expectNear(figures.usage_percent, 25);
        expectNear(figures.average, 25);
      }
      for (const figures of [network!, summary.network_in!]) {
        expectNear(figures.inbound_mbps, 10);
        expectNear(figures.average, 10);
      }
      expectNear(memory!.previous_average, 75);
      const points = memory!.time_series as { value: number | null }[];
      expect(points.every(({ value }) => value === 75)).toBe(true);
      expect(coverage).toMatchObject({ nodes_expected: 1, nodes_reporting: 1 });
      expect(warnings.map(({ code }) => code)).toEqual(['no_data']);
    }
    const { nodes } = await service.nodeMetrics(cluster);
    expect(Object.keys(nodes)).toEqual(['10.0.0.1']);
  });

  it('are joined by the labels of collectors', async () => {
    const { nodes, warnings } = await service.metrics(collected, 'time_range=10min&series=false');
    expect(Object.keys(nodes)).toEqual(['10.244.0.5:9100']);
    expect(nodes['10.244.0.5:9100']).toMatchObject({
      ...{ hostname: 'n1', power: { average_watts: 40 }, gpu: { utilization_percent: 30 } },
    });
    expect(warnings).toEqual([]);
  });

  it('are no reason to mix two machines of one name', async () => {
    const query = `start=${end - 3600}&end=${end}&step=60&series=false`;
    const { nodes, cluster_summary: summary } = await service.metrics(remade, query);
    expect(nodes['10.0.0.2:9100']).toMatchObject({ hostname: 'n1', cpu: { cores: 2 } });
    expectNear(nodes['10.0.0.2:9100']!.cpu!.average, 25);
    expectNear(summary.cpu!.average, 25);
  });
});
