import { describe, expect, it } from '@jest/globals';
import type { FleetCluster, Warning } from '@bud-monitoring/contracts';
import {
  constant,
  ramp,
  series,
  type KnownSeries,
  type ValueAt,
} from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { expectNear, gib } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const sizes = '0c100000-0000-4000-8000-000000000001';
const blanks = '0c100000-0000-4000-8000-000000000002';
const counters = '0c100000-0000-4000-8000-000000000003';
const seldom = '0c100000-0000-4000-8000-000000000004';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 7200, interval: 30 };

const labelsOf = (cluster: string, ip: string) => ({
  cluster,
  job: 'node-exporter',
  instance: `${ip}:9100`,
});
const node = (cluster: string, ip: string, name: string, values = {}) =>
  nodeSeries(labelsOf(cluster, ip), { nodename: name, ...values });

/** As the series of a node, but one of them has other values. */
function replaced(all: readonly KnownSeries[], name: string, values: ValueAt): KnownSeries[] {
  return all.map((one) => (one.name === name ? { ...one, values } : one));
}

const dcgm = (name: string, uuid: string, values: ValueAt) =>
  series(name, { cluster: blanks, instance: '10.2.0.1:9400', Hostname: 'g', UUID: uuid }, values);

/** A blank once in twenty samples. */
const nowAndThen = (blank: number, value: number): ValueAt => {
  return (elapsed) => ((elapsed / 30) % 20 === 7 ? blank : value);
};

const all: KnownSeries[] = [
  // Reserved blocks of a full disk make what is available wrap around.
  ...replaced(node(sizes, '10.1.0.1', 'full'), 'node_filesystem_avail_bytes', constant(1.8e19)),
  ...node(sizes, '10.1.0.2', 'good'),
  ...replaced(
    node(sizes, '10.1.0.3', 'more'),
    'node_memory_MemAvailable_bytes',
    constant(20 * gib),
  ),
  ...replaced(node(sizes, '10.1.0.4', 'none'), 'node_memory_MemTotal_bytes', constant(0)),
  // Two reads that are not of one moment.
  ...replaced(
    node(sizes, '10.1.0.5', 'slack'),
    'node_memory_MemAvailable_bytes',
    constant(16.03 * gib),
  ),
  // One sample of twenty is none.
  ...replaced(
    replaced(
      node(seldom, '10.4.0.1', 'seldom'),
      'node_memory_MemAvailable_bytes',
      nowAndThen(2 ** 64 - 4096, 4 * gib),
    ),
    'node_filesystem_avail_bytes',
    nowAndThen(1.8e19, 25 * gib),
  ),
  ...node(seldom, '10.4.0.2', 'never'),
  series(
    'kepler_platform_watts',
    { cluster: seldom, node_name: 'seldom', chassis_id: '1', source: 'redfish' },
    nowAndThen(2 ** 32 - 1, 300),
  ),
  ...node(blanks, '10.2.0.1', 'g'),
  dcgm('DCGM_FI_DEV_GPU_UTIL', 'GPU-a', nowAndThen(4294967295, 50)),
  dcgm('DCGM_FI_DEV_GPU_UTIL', 'GPU-b', constant(2147483632)),
  dcgm('DCGM_FI_PROF_GR_ENGINE_ACTIVE', 'GPU-b', constant(0.25)),
  dcgm('DCGM_FI_DEV_GPU_TEMP', 'GPU-a', constant(9.2e18)),
  dcgm('DCGM_FI_DEV_GPU_TEMP', 'GPU-b', constant(60)),
  dcgm('DCGM_FI_DEV_POWER_USAGE', 'GPU-a', nowAndThen(9.2e18, 100)),
  dcgm('DCGM_FI_DEV_FB_USED', 'GPU-a', constant(1024)),
  dcgm('DCGM_FI_DEV_FB_FREE', 'GPU-a', constant(2147483632)),
  dcgm('DCGM_FI_DEV_FB_USED', 'GPU-b', constant(1024)),
  dcgm('DCGM_FI_DEV_FB_FREE', 'GPU-b', constant(3072)),
  dcgm('DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 'GPU-a', (elapsed) =>
    (elapsed / 30) % 20 === 7 ? 9.2e18 : 1e6 + 100_000 * elapsed,
  ),
  // A counter that falls by a hundredth looks like one that began again.
  ...node(counters, '10.3.0.1', 'fallen', {
    busy: (elapsed: number) => 1e6 + 0.25 * elapsed - (elapsed >= 7050 ? 10 : 0),
  }),
  ...node(counters, '10.3.0.2', 'steady', { busy: (elapsed: number) => 1e6 + 0.25 * elapsed }),
  ...node(counters, '10.3.0.3', 'torn', {
    received: (elapsed: number) => ((elapsed / 30) % 2 === 1 ? 0.5 : 1) * (1e15 + 1e6 * elapsed),
  }),
  series(
    'kepler_node_platform_joules_total',
    { cluster: counters, instance: 'steady' },
    ramp(250_000),
  ),
  series('kepler_node_package_joules_total', { cluster: counters, instance: 'steady' }, ramp(40)),
];

interface FleetPage {
  readonly clusters: readonly FleetCluster[];
  readonly warnings: readonly Warning[];
}

const query = 'time_range=10min&series=false';

describe.each(stores)('values that cannot be, on the store: %s', (version) => {
  let service: TestService;
  const mends = version === 'victoria-metrics';

  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it('leave sizes out, of the node, the sums and the fleet', async () => {
    const { nodes, cluster_summary: summary, warnings } = await service.metrics(sizes, query);
    expect(nodes['10.1.0.1:9100']!.storage).toMatchObject({
      used_gib: null,
      available_gib: null,
      usage_percent: null,
      average: null,
      change_percent: null,
    });
    expect(nodes['10.1.0.3:9100']!.memory).toMatchObject({ usage_percent: null, average: null });
    expect(nodes['10.1.0.4:9100']!.memory).toMatchObject({ total_gib: null, usage_percent: null });
    expect(nodes['10.1.0.5:9100']!.memory).toMatchObject({ usage_percent: 0, average: 0 });
    expectNear(summary.storage!.usage_percent, 75);
    expectNear(summary.storage!.average, 75);
    expectNear(summary.storage!.total_gib, 400);
    // Twelve of 16, twice, and none of 16.
    expectNear(summary.memory!.usage_percent, 50);
    const implausible = warnings.filter(({ code }) => code === 'implausible_value');
    expect(implausible).toEqual([
      expect.objectContaining({ metric: 'memory', nodes: ['10.1.0.3:9100', '10.1.0.4:9100'] }),
      expect.objectContaining({ metric: 'storage', nodes: ['10.1.0.1:9100'] }),
    ]);
    expect(warnings.map(({ code, metric }) => [code, metric])).not.toContainEqual([
      'no_data',
      'storage',
    ]);

    const { body } = await service.get('/clusters');
    const { clusters, warnings: ofFleet } = body.data as FleetPage;
    const own = clusters.find(({ cluster_id: id }) => id === sizes)!;
    expect(own.storage).toMatchObject({ total_gib: 400, usage_percent: 75 });
    expect(own.memory).toMatchObject({ total_gib: 48, usage_percent: 49.94 });
    expect(ofFleet).toContainEqual(
      expect.objectContaining({
        code: 'implausible_value',
        message: expect.stringContaining(sizes),
      }),
    );
  });

  it('leave the other samples of a window', async () => {
    for (const range of ['time_range=10min', `start=${end - 7200}&end=${end}&step=60`]) {
      const answer = await service.metrics(seldom, `${range}&series=false`);
      const { nodes, cluster_summary: summary, warnings } = answer;
      for (const { memory, storage } of [...Object.values(nodes), summary]) {
        expectNear(memory!.average, 75);
        expectNear(storage!.average, 75);
      }
      expectNear(nodes['10.4.0.1:9100']!.power!.average_watts, 300);
      const implausible = warnings.filter(({ code }) => code === 'implausible_value');
      expect(implausible).toEqual([
        expect.objectContaining({ metric: 'memory', nodes: ['10.4.0.1:9100'] }),
        expect.objectContaining({ metric: 'power', nodes: ['10.4.0.1:9100'] }),
        expect.objectContaining({ metric: 'storage', nodes: ['10.4.0.1:9100'] }),
      ]);
    }
  });

  it('are the blanks of GPUs, of which the others count', async () => {
    const { nodes, warnings } = await service.metrics(blanks, `${query}&metric_type=gpu`);
    const { devices, ...gpu } = nodes['10.2.0.1:9100']!.gpu!;
    expect(devices).toEqual([
      expect.objectContaining({
        uuid: 'GPU-a',
        utilization_percent: 50,
        temperature_celsius: null,
        watts: 100,
        memory_total_gib: null,
      }),
      // The next metric, where the first is blank.
      expect.objectContaining({
        uuid: 'GPU-b',
        utilization_percent: 25,
        temperature_celsius: 60,
        memory_total_gib: 4,
      }),
    ]);
    expectNear(gpu.average, (50 + 25) / 2);
    expectNear(gpu.energy_kwh, (100 * 600) / 3.6e6);
    expect(warnings).toContainEqual(
      expect.objectContaining({
        code: 'implausible_value',
        metric: 'gpu',
        nodes: ['10.2.0.1:9100'],
      }),
    );
  });

  it('are rates that no hardware has, and power', async () => {
    const { nodes, cluster_summary: summary, warnings } = await service.metrics(counters, query);
    const fallen = nodes['10.3.0.1:9100']!.cpu!;
    // VictoriaMetrics takes a small step down for what it is.
    const [usage, average] = mends ? [22.22, 23.68] : [null, null];
    expect(fallen).toMatchObject({ usage_percent: usage, average });
    expectNear(nodes['10.3.0.2:9100']!.cpu!.usage_percent, 25);
    expect(nodes['10.3.0.3:9100']!.network_in).toMatchObject({ inbound_mbps: null, average: null });
    expect(nodes['10.3.0.3:9100']!.network_bandwidth!.total_mbps).toBeNull();
    expectNear(nodes['10.3.0.3:9100']!.network_out!.outbound_mbps, 4);
    expect(nodes['10.3.0.2:9100']!.power).toMatchObject({ scope: 'package', average_watts: 40 });
    expectNear(summary.network_in!.inbound_mbps, 16);
    const codes = warnings.flatMap(({ code, metric }) =>
      code === 'implausible_value' ? [metric] : [],
    );
    const others = ['network_bandwidth', 'network_in', 'power'];
    expect(codes.sort()).toEqual(mends ? others : ['cpu', ...others]);

    const { body } = await service.get('/clusters');
    const { clusters, warnings: ofFleet } = body.data as FleetPage;
    const { cpu } = clusters.find(({ cluster_id: id }) => id === counters)!;
    expectNear(cpu.usage_percent, mends ? (22.22 + 25 + 30) / 3 : (25 + 30) / 2);
    expect(ofFleet.some(({ metric }) => metric === 'cpu')).toBe(!mends);
  });

  it('say nothing of a node in detail', async () => {
    const { nodes, warnings } = await service.nodeMetrics(counters);
    const known = warnings.filter(({ code }) => code === 'implausible_value');
    const { current } = nodes['10.3.0.1']!.cpu;
    expect([current, known.map((one) => one.nodes)]).toEqual(
      mends ? [0.44, []] : [null, [['10.3.0.1']]],
    );
  });
});
