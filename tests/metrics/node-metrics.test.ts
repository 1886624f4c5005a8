import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { expectNear, gib } from './support/near.js';
import { startService, type TestService } from './support/service.js';
import { startStore } from './support/store.js';

const full = '0e000000-0000-4000-8000-000000000001';
const other = '0e000000-0000-4000-8000-000000000002';
const kubelet = '0e000000-0000-4000-8000-000000000003';
const lone = '0e000000-0000-4000-8000-000000000004';
const shrunk = '0e000000-0000-4000-8000-000000000005';

const end = Date.parse('2026-03-10T12:34:56Z') / 1000;
const sampled = { start: Math.floor((end - 26 * 3600) / 30) * 30, interval: 30 };
/** Bytes that come in the first half of each hour only: 1 MB a second on average. */
const halfHours = (_elapsed: number, t: number) => {
  const seconds = t - (sampled.start - (sampled.start % 3600));
  return 2e6 * (1800 * Math.floor(seconds / 3600) + Math.min(seconds % 3600, 1800));
};
const newest = Math.floor(end / 30) * 30;

const exporter = (cluster: string, instance: string) => ({
  cluster,
  job: 'node-exporter',
  instance,
});

function pods(cluster: string, node: string, count: number, ready: number): KnownSeries[] {
  return Array.from({ length: count }, (_, index) => {
    const labels = {
      cluster,
      job: 'kube-state-metrics',
      namespace: 'default',
      pod: `${node}-${index}`,
    };
    // Two kube-state-metrics during an update.
    return ['10.9.9.9:8080', '10.9.9.10:8080'].flatMap((instance) => [
      series('kube_pod_info', { ...labels, instance, node }, constant(1)),
      series(
        'kube_pod_status_ready',
        { ...labels, instance, condition: 'true' },
        constant(index < ready ? 1 : 0),
      ),
      series(
        'kube_pod_status_ready',
        { ...labels, instance, condition: 'false' },
        constant(index < ready ? 0 : 1),
      ),
    ]);
  }).flat();
}

/** Three errors a second in two steps of 5 minutes of the last hour, none else. */
const burst = (_elapsed: number, t: number) => {
  const began = Date.parse('2026-03-10T11:40:00Z') / 1000;
  return 1000 + 3 * Math.min(Math.max(t - began, 0), 600);
};

const errors = (labels: Record<string, string>, device: string, perSecond: number) => [
  series('node_network_receive_errs_total', { ...labels, device }, ramp(perSecond)),
  series('node_network_receive_drop_total', { ...labels, device }, ramp(perSecond / 2)),
];

const all: KnownSeries[] = [
  // By name; the address of another node is the beginning of this one's.
  ...nodeSeries(exporter(full, '10.0.0.10:9100'), {
    nodename: 'k-ten',
    cores: 4,
    busy: ramp(0.25),
    received: ramp(1_000_000),
    sent: ramp(500_000),
  }),
  ...kubernetesNode(full, { name: 'k-ten', ip: '10.0.0.10' }),
  ...pods(full, 'k-ten', 5, 3),
  series(
    'kubelet_running_pods',
    { cluster: full, node: 'k-ten', instance: '10.0.0.10:10250' },
    constant(5),
  ),
  ...errors(exporter(full, '10.0.0.10:9100'), 'eth0', 2),
  ...errors(exporter(full, '10.0.0.10:9100'), 'eth1', 1),
  ...errors(exporter(full, '10.0.0.10:9100'), 'veth1', 1000),
  // By address: the kernel has another name than Kubernetes.
  ...nodeSeries(exporter(full, '10.0.0.1:9100'), {
    nodename: 'host.example.com',
    cores: 8,
    busy: ramp(0.5),
    received: halfHours,
  }),
  series(
    'node_network_transmit_errs_total',
    { ...exporter(full, '10.0.0.1:9100'), device: 'eth0' },
    burst,
  ),
  ...kubernetesNode(full, { name: 'k-one', ip: '10.0.0.1', ready: 'false' }),
  ...pods(full, 'k-one', 2, 0),
  // IPv6, each side spelling the address its own way.
  ...nodeSeries(exporter(full, '[fd00::1]:9100'), { nodename: 'other-name' }),
  ...kubernetesNode(full, { name: 'k-six', ip: 'fd00:0:0::1', ready: 'unknown' }),
  // Without MemAvailable, and unknown to Kubernetes.
  ...nodeSeries(exporter(full, '10.0.0.2:9100'), { nodename: 'stray', free: null }),
  series('node_memory_MemFree_bytes', exporter(full, '10.0.0.2:9100'), constant(1 * gib)),
  series('node_memory_Buffers_bytes', exporter(full, '10.0.0.2:9100'), constant(2 * gib)),
  series('node_memory_Cached_bytes', exporter(full, '10.0.0.2:9100'), constant(3 * gib)),
  // The same addresses and names in another cluster.
  ...nodeSeries(exporter(other, '10.0.0.10:9100'), {
    nodename: 'k-ten',
    cores: 64,
    busy: ramp(0.9),
  }),
  ...kubernetesNode(other, { name: 'k-ten', ip: '10.0.0.10', ready: 'false' }),
  ...pods(other, 'k-ten', 50, 50),
  // No node-exporter: kubelet and kube-state-metrics with their old names.
  series(
    'kube_node_info',
    { cluster: kubelet, node: 'c-one', internal_ip: '10.5.0.1' },
    constant(1),
  ),
  series('kube_node_status_capacity_cpu_cores', { cluster: kubelet, node: 'c-one' }, constant(8)),
  series(
    'kube_node_status_capacity_memory_bytes',
    { cluster: kubelet, node: 'c-one' },
    constant(32 * gib),
  ),
  series('kube_node_status_capacity_pods', { cluster: kubelet, node: 'c-one' }, constant(42)),
  series(
    'kubelet_running_pod_count',
    { cluster: kubelet, node: 'c-one', instance: '10.5.0.1:10250' },
    constant(7),
  ),
  ...['web', 'db'].flatMap((container) => {
    const labels = {
      cluster: kubelet,
      node: 'c-one',
      instance: '10.5.0.1:10250',
      namespace: 'x',
      pod: 'p',
      image: 'i',
    };
    return [
      series('container_cpu_usage_seconds_total', { ...labels, container }, ramp(1.5)),
      series('container_memory_usage_bytes', { ...labels, container }, constant(4 * gib)),
      series('container_memory_working_set_bytes', { ...labels, container }, constant(3 * gib)),
    ];
  }),
  // The pod as a whole, which must not count again.
  series(
    'container_cpu_usage_seconds_total',
    {
      cluster: kubelet,
      node: 'c-one',
      instance: '10.5.0.1:10250',
      namespace: 'x',
      pod: 'p',
      container: '',
    },
    ramp(3),
  ),
  series(
    'container_memory_usage_bytes',
    {
      cluster: kubelet,
      node: 'c-one',
      instance: '10.5.0.1:10250',
      namespace: 'x',
      pod: 'p',
      container: '',
    },
    constant(8 * gib),
  ),
  ...nodeSeries(exporter(lone, '10.6.0.1:9100'), {
    nodename: 'solo',
    alive: (elapsed) => elapsed <= newest - sampled.start - 3 * 3600,
  }),
  ...nodeSeries(exporter(lone, '10.6.0.2:9100'), { nodename: null }),
  // Known to Kubernetes alone: one left, one did before the day began, one has another address now.
  ...kubernetesNode(shrunk, { name: 'here', ip: '10.7.0.1' }),
  kubernetesUntil('left', '10.7.0.2', (t) => t <= end - 3 * 3600),
  kubernetesUntil('long-ago', '10.7.0.3', (t) => t <= end - 25 * 3600),
  kubernetesUntil('moved', '10.7.0.4', (t) => t <= end - 3 * 3600),
  kubernetesUntil('moved', '10.7.0.5', (t) => t > end - 3 * 3600),
];

function kubernetesUntil(node: string, ip: string, alive: (t: number) => boolean): KnownSeries {
  const labels = { cluster: shrunk, node, internal_ip: ip };
  return series('kube_node_info', labels, (_elapsed, t) => (alive(t) ? 1 : undefined));
}

describe.each(['system', 'victoria-metrics'] as const)('on the store: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;
  let service: TestService;

  beforeAll(async () => {
    store = await startStore([{ ...sampled, end, series: all }], version);
    service = await startService({ prometheus: store.url, now: end });
    service.directory.known = [
      { id: 'id-ten', name: 'k-ten', internalIp: null, devices: [{ type: 'cpu' }] },
      { id: 'id-one', name: 'renamed', internalIp: '10.0.0.1', devices: [] },
    ];
    service.directory.counts = { 'k-ten': 12, 'k-one': 0 };
  }, 180_000);

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store.stop();
  });

  describe('node-metrics', () => {
    it('joins by Kubernetes name, then by address, and never by a part of either', async () => {
      const { nodes } = await service.nodeMetrics(full);
      expect(Object.keys(nodes).sort()).toEqual(['10.0.0.1', '10.0.0.10', '10.0.0.2', 'fd00::1']);
      expect(nodes['10.0.0.10']).toMatchObject({
        ...{
          hostname: 'k-ten',
          status: 'Ready',
          id: 'id-ten',
          devices: [{ type: 'cpu' }],
          events_count: 12,
        },
        conditions: { Ready: 'True', MemoryPressure: 'False' },
        system_info: { os: 'Linux', kernel: '6.8.0', architecture: 'x86_64' },
        pods: { current: 5, max: 110, available: 3, desired: 5 },
        cpu: { current: 1, capacity: 4, usage_percent: 25 },
        memory: { current: 12, capacity: 16, usage_percent: 75 },
        capacity: {
          cpu: '4',
          memory: '540000000000',
          pods: '110',
          ephemeral_storage: '1000000000000',
        },
      });
      expect(nodes['10.0.0.1']).toMatchObject({
        ...{ hostname: 'k-one', status: 'NotReady', id: 'id-one', devices: [], events_count: 0 },
        conditions: { Ready: 'False' },
        pods: { current: null, available: 0, desired: 2 },
        cpu: { current: 4, capacity: 8 },
      });
      expect(nodes['fd00::1']).toMatchObject({
        hostname: 'k-six',
        status: 'NotReady',
        conditions: { Ready: 'Unknown' },
        events_count: null,
        id: null,
        devices: null,
      });
      expect(nodes['10.0.0.2']).toMatchObject({
        hostname: 'stray',
        status: 'Unknown',
        conditions: {},
        capacity: {},
        memory: { current: 10, capacity: 16 },
      });
    });

    it('gives a day of bandwidth by the hour and an hour of errors per second', async () => {
      const { nodes } = await service.nodeMetrics(full);
      const { bandwidth, stats } = nodes['10.0.0.10']!.network;
      expect(bandwidth).toHaveLength(24);
      expect(bandwidth.every(({ timestamp }) => timestamp % 3600 === 0)).toBe(true);
      for (const { mbps } of bandwidth) expectNear(mbps, 12);
      const halves = nodes['10.0.0.1']!.network.bandwidth.slice(1);
      expect(halves).toHaveLength(23);
      for (const { mbps } of halves) expectNear(mbps, 12, 0.02);
      expect(stats.receive_errors).toEqual({ current: 3, avg: 3, max: 3 });
      expect(stats.receive_packets_dropped).toEqual({ current: 1.5, avg: 1.5, max: 1.5 });
      expect(stats.transmit_errors).toEqual({ current: null, avg: null, max: null });
      const short = nodes['10.0.0.1']!.network.stats.transmit_errors;
      expect(short).toEqual({ current: 0, avg: 0.5, max: 3 });
    });

    it('never sees a cluster that has the same names and addresses', async () => {
      const { nodes } = await service.nodeMetrics(other);
      expect(nodes['10.0.0.10']).toMatchObject({
        status: 'NotReady',
        cpu: { capacity: 64 },
        pods: { desired: 50, available: 50 },
      });
    });

    it('takes CPU and memory from the containers where there is no node-exporter', async () => {
      const { nodes, coverage, warnings } = await service.nodeMetrics(kubelet);
      expect(nodes['10.5.0.1']).toMatchObject({
        ...{ hostname: 'c-one', status: 'Unknown' },
        pods: { current: 7, max: 42, available: null, desired: null },
        cpu: { current: 3, capacity: 8, usage_percent: 37.5 },
        memory: { current: 8, capacity: 32, usage_percent: 25 },
        capacity: { cpu: '8', memory: '34359738368', pods: '42' },
        network: { bandwidth: [] },
      });
      expect(coverage.nodes_reporting).toBe(0);
      expect(warnings).toContainEqual(
        expect.objectContaining({
          code: 'node_exporter_missing',
          nodes: expect.arrayContaining(['10.5.0.1']),
        }),
      );
    });

    it('has no pods and no status without kube-state-metrics, and no figures of a node that is silent', async () => {
      const { nodes, coverage, warnings } = await service.nodeMetrics(lone);
      expect(nodes['10.6.0.1']).toMatchObject({
        ...{ hostname: 'solo', status: 'Unknown' },
        pods: { current: null, max: null, available: null, desired: null },
        cpu: { current: null, usage_percent: null },
        memory: { current: null, usage_percent: null },
      });
      expect(nodes['10.6.0.1']!.network.bandwidth.at(-1)).toEqual({
        timestamp: Math.floor(end / 3600) * 3600,
        mbps: null,
      });
      expect(nodes['10.6.0.2']).toMatchObject({ hostname: null, cpu: { current: 0.6 } });
      expect(coverage).toMatchObject({ nodes_expected: 4, nodes_reporting: 1 });
      expect(warnings).toContainEqual(
        expect.objectContaining({ code: 'node_not_reporting', nodes: ['10.6.0.1'] }),
      );
    });

    it('knows who left within the day, and who left before', async () => {
      const { nodes, coverage } = await service.nodeMetrics(shrunk);
      const own = Object.fromEntries(
        Object.entries(nodes).map(([key, { hostname }]) => [key, hostname]),
      );
      expect(own).toMatchObject({ '10.7.0.1': 'here', '10.7.0.2': 'left', '10.7.0.5': 'moved' });
      expect(Object.values(own)).not.toContain('long-ago');
      expect(Object.keys(own)).not.toContain('10.7.0.4');
      // Those and the two that bud-cluster lists.
      expect(coverage.nodes_expected).toBe(5);
    });

    it('goes without bud-cluster, and says so', async () => {
      await using alone = await startService({ prometheus: store.url, now: end });
      alone.directory.down = true;
      const { nodes, warnings } = await alone.nodeMetrics(full);
      expect(nodes['10.0.0.10']).toMatchObject({
        status: 'Ready',
        events_count: null,
        id: null,
        devices: null,
      });
      expect(warnings.map(({ code }) => code)).toEqual(
        expect.arrayContaining(['bud_cluster_unavailable', 'events_unavailable']),
      );
    });
  });
});
