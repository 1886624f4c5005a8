import { describe, expect, it } from '@jest/globals';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { inTurn, kubernetesNode, nodeSeries, type NodeValues } from './support/exporter.js';
import { expectNear, gib } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

type Five = [string, string, string, string, string];
const idOf = (index: number) => `0c300000-0000-4000-8000-00000000000${index}`;
const [collector, fullNames, addresses, supplies, stuck] = [1, 2, 3, 4, 5].map(idOf) as Five;
const [odd, virtual, renamed, nameless, together] = [6, 7, 8, 9, 0].map(idOf) as Five;

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 7200, interval: 30 };

const exporterOf = (cluster: string, instance: string, nodename: string, values: NodeValues = {}) =>
  nodeSeries({ cluster, job: 'node-exporter', instance }, { nodename, ...values });
type ValueAt = Exclude<KnownSeries['values'], string>;
/** Another value once in ten minutes. */
const nowAndThen =
  (blank: number, value: number): ValueAt =>
  (elapsed) =>
    (elapsed / 30) % 20 === 7 ? blank : value;
const dcgm = (cluster: string, name: string, values: KnownSeries['values'], more = {}) => {
  const own = { cluster, instance: '10.2.0.1:9400', Hostname: 'g1', UUID: 'GPU-0', gpu: '0' };
  return series(name, { ...own, ...more }, values);
};
const platform = (more: Record<string, string>, watts: number) =>
  series(
    'kepler_platform_watts',
    { cluster: supplies, instance: '10.2.0.1:28282', node_name: 'n1', chassis_id: '1U', ...more },
    constant(watts),
  );
/** Until ten minutes before the middle of the last hour, and from ten minutes later on. */
const before = (elapsed: number) => elapsed < 5400;
const after = (elapsed: number) => elapsed >= 5430;

const all: KnownSeries[] = [
  // Machines that nothing else knows, behind one collector.
  ...exporterOf(collector, '10.1.0.1:9100', 'n1'),
  ...[1, 2].flatMap((index) => [
    series(
      'kepler_node_package_joules_total',
      { cluster: collector, instance: 'collector:8889', node_name: `gx${index}` },
      ramp(100 * index),
    ),
    series(
      'DCGM_FI_DEV_GPU_UTIL',
      {
        ...{ cluster: collector, instance: 'collector:8889', Hostname: `gx${index}` },
        UUID: `GPU-${index}`,
      },
      constant(10 * index),
    ),
  ]),
  // Names of nodes with dots in them, of which the first part is the same.
  ...['cn-hz.10.0.0.1', 'cn-hz.10.0.0.2'].flatMap((name, index) => [
    ...exporterOf(fullNames, name, `iz${index}`),
    ...kubernetesNode(fullNames, { name, ip: `10.0.0.${index + 1}` }),
  ]),
  // Labels that hold an address where others have a name.
  ...[1, 2].flatMap((index) => [
    ...exporterOf(addresses, `10.0.0.${index}:9100`, `n${index}`),
    series(
      'kepler_node_package_joules_total',
      { cluster: addresses, instance: `10.244.0.${index}:9102`, node: `10.0.0.${index}` },
      ramp(50 * index),
    ),
    series(
      'DCGM_FI_DEV_GPU_UTIL',
      {
        ...{ cluster: addresses, instance: 'prom:9090' },
        ...{ exported_instance: `10.0.0.${index}:9400`, UUID: `GPU-${index}` },
      },
      constant(10 * index),
    ),
  ]),
  ...exporterOf(supplies, '10.2.0.1:9100', 'n1'),
  platform({ source_id: 'PS0', source_type: 'PowerSupply' }, 245),
  platform({ source_id: 'PS1', source_type: 'PowerSupply' }, 205),
  // A counter of joules that stands still, and sizes that are zero.
  ...exporterOf(stuck, '10.2.0.1:9100', 'g1'),
  dcgm(stuck, 'DCGM_FI_DEV_GPU_UTIL', constant(50)),
  dcgm(stuck, 'DCGM_FI_DEV_POWER_USAGE', constant(200)),
  dcgm(stuck, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', constant(5e9)),
  dcgm(stuck, 'DCGM_FI_DEV_FB_USED', constant(1024)),
  dcgm(stuck, 'DCGM_FI_DEV_FB_FREE', constant(3072)),
  dcgm(stuck, 'DCGM_FI_DEV_FB_TOTAL', constant(0)),
  ...['gpu_package_power', 'gpu_average_package_power'].map((name, index) =>
    series(
      name,
      { cluster: stuck, instance: '10.2.0.1:5000', hostname: 'g1', gpu_id: '7' },
      constant(300 * index),
    ),
  ),
  ...exporterOf(odd, '10.2.0.1:9100', 'g1', { free: nowAndThen(-1e15, 4 * gib) }),
  dcgm(odd, 'DCGM_FI_DEV_GPU_UTIL', nowAndThen(-2147483648, 50)),
  dcgm(odd, 'DCGM_FI_DEV_POWER_USAGE', nowAndThen(-2147483648, 100)),
  // A virtual machine on the node has an exporter of its own, at an address that sorts first.
  ...nodeSeries(
    { cluster: virtual, job: 'node-exporter', instance: '10.244.3.3:9100', node: 'n1' },
    { nodename: 'vm1', cores: 4, free: constant(gib) },
  ),
  ...exporterOf(virtual, '192.168.1.5:9100', 'n1'),
  ...kubernetesNode(virtual, { name: 'n1', ip: '192.168.1.5' }),
  // The names of kernels are not kept, but the exporters' series name the nodes.
  ...[1, 2].flatMap((index) => [
    ...nodeSeries(
      {
        ...{ cluster: nameless, job: 'node-exporter' },
        ...{ instance: `10.244.0.${index}:9100`, node: `n${index}` },
      },
      { nodename: null, busy: ramp(0.25 * index) },
    ),
    ...kubernetesNode(nameless, { name: `n${index}`, ip: `10.0.0.${index}` }),
    ...nodeSeries(
      { cluster: together, job: 'node-exporter', instance: 'alloy:12345', node: `n${index}` },
      { nodename: null },
    ),
  ]),
  // A machine that has its full name now, and an exporter whose pod is another.
  ...exporterOf(renamed, '10.0.0.1:9100', 'n1', { alive: before }),
  ...exporterOf(renamed, '10.0.0.1:9100', 'n1.example.com', { alive: after }),
  ...exporterOf(renamed, 'n2', 'ne-abc', { alive: before }),
  ...exporterOf(renamed, 'n2', 'ne-def', { alive: after }),
  ...[1, 2].flatMap((index) =>
    kubernetesNode(renamed, { name: `n${index}`, ip: `10.0.0.${index}` }),
  ),
];
describe.each(stores)('labels as others write them, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: inTurn(all) }, (started) => (service = started));
  const hour = `start=${end - 3600}&end=${end}&series=false`;
  const codesOf = (warnings: readonly { code: string }[]) => warnings.map(({ code }) => code);

  it('tells machines apart that a collector speaks for', async () => {
    const { nodes, cluster_summary: summary } = await service.metrics(collector, hour);
    expectNear(summary.power!.average_watts, 300);
    expect(Object.keys(nodes).sort()).toEqual(['10.1.0.1:9100', 'gx1', 'gx2']);
    expect(nodes['gx2']!.gpu!.devices!.map(({ uuid }) => uuid)).toEqual(['GPU-2']);
  });

  it('knows nodes by their whole names', async () => {
    const { nodes } = await service.metrics(fullNames, hour);
    expect(Object.values(nodes).map(({ hostname }) => hostname)).toEqual([
      'cn-hz.10.0.0.1',
      'cn-hz.10.0.0.2',
    ]);
  });

  it('knows nodes by addresses where others write names', async () => {
    const { nodes } = await service.metrics(addresses, hour);
    expect(Object.keys(nodes).sort()).toEqual(['10.0.0.1:9100', '10.0.0.2:9100']);
    for (const index of [1, 2]) {
      const { power, gpu } = nodes[`10.0.0.${index}:9100`]!;
      expectNear(power!.average_watts, 50 * index);
      expectNear(gpu!.average, 10 * index);
    }
  });

  it('adds up the power supplies of a machine', async () => {
    const { nodes } = await service.metrics(supplies, `${hour}&metric_type=power`);
    expectNear(nodes['10.2.0.1:9100']!.power!.average_watts, 450);
  });

  it('takes no source of a GPU that is stuck at zero', async () => {
    const { nodes } = await service.metrics(stuck, `${hour}&metric_type=gpu`);
    const gpu = nodes['10.2.0.1:9100']!.gpu!;
    expectNear(gpu.energy_kwh, 0.2 + 0.3);
    expect(gpu).toMatchObject({ watts: 500, memory_used_gib: 1, memory_total_gib: 4 });
  });

  it('leaves out single samples below what can be', async () => {
    const { nodes, warnings } = await service.metrics(odd, hour);
    const { gpu, memory } = nodes['10.2.0.1:9100']!;
    expectNear(gpu!.average, 50);
    expectNear(gpu!.energy_kwh, 0.1);
    expectNear(memory!.average, 75);
    expect(codesOf(warnings)).toContain('implausible_value');
  });

  it('has the exporter of the node speak for it, and not that of a machine on it', async () => {
    const { nodes } = await service.metrics(virtual, hour);
    expect(Object.keys(nodes)).toEqual(['192.168.1.5:9100']);
    expect(nodes['192.168.1.5:9100']!.cpu!.cores).toBe(2);
  });

  it('knows nodes by the labels of their exporters without the names of kernels', async () => {
    const { nodes, cluster_summary: summary } = await service.metrics(nameless, hour);
    expect(Object.values(nodes).map(({ hostname }) => hostname)).toEqual(['n1', 'n2']);
    expectNear(summary.cpu!.average, 37.5);
    const { warnings } = await service.metrics(together, hour);
    expect(codesOf(warnings)).toContain('ambiguous_instance');
  });

  it('keeps the past of a machine that was renamed', async () => {
    const { nodes, warnings } = await service.metrics(renamed, hour);
    expect(Object.values(nodes).map(({ hostname }) => hostname)).toEqual(['n1', 'n2']);
    for (const { cpu } of Object.values(nodes))
      expect([cpu!.average, cpu!.previous_average]).toEqual([30, 30]);
    expect(codesOf(warnings)).not.toContain('address_reused');
  });
});
