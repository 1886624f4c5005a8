import { describe, expect, it } from '@jest/globals';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { expectNear, gib } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const dishonoured = '0e400000-0000-4000-8000-000000000001';
const idle = '0e400000-0000-4000-8000-000000000002';
const cgroups = '0e400000-0000-4000-8000-000000000003';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 3600, interval: 30 };

const exporter = (cluster: string, index: number) =>
  nodeSeries(
    { cluster, job: 'node-exporter', instance: `10.0.0.${index}:9100` },
    { nodename: `n${index}`, busy: ramp(0.25) },
  );

/** Two replicas of kube-state-metrics, whose scrapes give all they tell the labels of their own pods. */
const replicas = ['ksm-0', 'ksm-1'].map((pod, index) => ({
  ...{ cluster: dishonoured, job: 'kube-state-metrics', node: 'n1', namespace: 'monitoring' },
  ...{ pod, instance: `10.9.9.${index}:8080` },
}));
const told = (name: string, labels: Record<string, string>, value = 1): KnownSeries[] =>
  replicas.map((own) => series(name, { ...own, ...labels }, constant(value)));

const dishonouredSeries = [1, 2].flatMap((index): KnownSeries[] => {
  const space = { exported_namespace: `app-${index}` };
  return [
    ...exporter(dishonoured, index),
    ...kubernetesNode(dishonoured, { name: 'n1', ip: `10.0.0.${index}` }).map((one) => ({
      ...one,
      labels: { ...one.labels, ...replicas[0], exported_node: `n${index}` },
    })),
    ...told('kube_namespace_created', space),
    ...told('kube_deployment_created', { ...space, deployment: 'web' }),
    ...['web-0', 'web-1', 'web-2'].flatMap((exported_pod, at) => {
      const pod = { ...space, exported_pod };
      const runs = index === 1 && at === 0 ? 0 : 1;
      return [
        ...told('kube_pod_info', { ...pod, exported_node: `n${index}` }),
        ...told('kube_pod_status_phase', { ...pod, phase: 'Running' }, runs),
        ...told('kube_pod_status_ready', { ...pod, condition: 'true' }, runs),
      ];
    }),
  ];
});

/** A node without any pod beside one whose pod has failed. */
const idleSeries = [
  ...[1, 2].flatMap((index) => [
    ...exporter(idle, index),
    ...kubernetesNode(idle, { name: `n${index}`, ip: `10.0.0.${index}` }),
  ]),
  series('kube_pod_info', { cluster: idle, namespace: 'x', pod: 'p', node: 'n1' }, constant(1)),
  ...['Running', 'Failed'].map((phase) =>
    series(
      'kube_pod_status_phase',
      { cluster: idle, namespace: 'x', pod: 'p', phase },
      constant(phase === 'Failed' ? 1 : 0),
    ),
  ),
];

const kubelet = (index: number, labels: Record<string, string>) => ({
  ...{ cluster: cgroups, job: 'kubelet', instance: `10.0.0.${index}:10250`, node: `n${index}` },
  ...labels,
});
const inPod = (container: string) => ({ namespace: 'x', pod: 'p', container });
const cpuOf = (index: number, labels: Record<string, string>, cores: number) =>
  series('container_cpu_usage_seconds_total', kubelet(index, labels), ramp(cores));
const memoryOf = (index: number, labels: Record<string, string>, size: number) =>
  series('container_memory_working_set_bytes', kubelet(index, labels), constant(size * gib));

/** Kubelets of which one tells its root cgroup, one its containers alone, and one its root by CPU. */
const cgroupSeries = [
  ...[1, 2, 3].flatMap((index) =>
    kubernetesNode(cgroups, { name: `n${index}`, ip: `10.0.0.${index}` }),
  ),
  cpuOf(1, { id: '/', cpu: 'total' }, 2),
  cpuOf(1, { id: '/kubepods/a', ...inPod('a') }, 0.5),
  memoryOf(1, { id: '/' }, 6),
  ...['a', 'b'].flatMap((container, at) => [
    cpuOf(2, { id: `/kubepods/${container}`, ...inPod(container) }, 1 - 0.5 * at),
    memoryOf(2, { id: `/kubepods/${container}`, ...inPod(container) }, 2),
  ]),
  ...['cpu00', 'cpu01'].map((cpu) => cpuOf(3, { id: '/', cpu }, 0.5)),
];

describe.each(stores)('what Kubernetes tells of a cluster, on the store: %s', (version) => {
  let service: TestService;
  const all = [...dishonouredSeries, ...idleSeries, ...cgroupSeries];
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it('is counted by the labels of the objects, where a scrape does not honour them', async () => {
    const { cluster_summary: summary } = await service.metrics(dishonoured, 'time_range=10min');
    expect(summary.workloads).toMatchObject({
      ...{ pods: 6, pods_running: 5, namespaces: 2, deployments: 2, jobs: null },
    });
    const { nodes } = await service.nodeMetrics(dishonoured);
    expect(nodes['10.0.0.1']!.pods).toMatchObject({ desired: 3, available: 2 });
    expect(nodes['10.0.0.2']!.pods).toMatchObject({ desired: 3, available: 3 });
  });

  it('is zero where nothing is, and null where nothing is told', async () => {
    const { cluster_summary: summary } = await service.metrics(idle, 'time_range=10min');
    expect(summary.workloads).toMatchObject({ pods: 1, pods_running: 0, namespaces: null });
    const { nodes } = await service.nodeMetrics(idle);
    for (const address of ['10.0.0.1', '10.0.0.2'])
      expect(nodes[address]!.pods).toMatchObject({ desired: 0, available: null });
  });

  it('has the CPU of each node by its own cgroups', async () => {
    const { nodes } = await service.nodeMetrics(cgroups);
    expectNear(nodes['10.0.0.1']!.cpu.current, 2);
    expectNear(nodes['10.0.0.2']!.cpu.current, 1.5);
    expectNear(nodes['10.0.0.3']!.cpu.current, 1);
    expect(nodes['10.0.0.1']!.memory.current).toBe(6);
    expect(nodes['10.0.0.2']!.memory.current).toBe(4);
  });
});
