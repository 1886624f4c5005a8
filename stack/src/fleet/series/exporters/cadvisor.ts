import { createCollector } from '../cluster-context.js';
import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import type { PodSignals } from '../node-signals.js';
import { constant, scaled } from '../signal.js';
import type { Signal } from '../signal.js';
import type { Container, Labels, Series } from '../../types.js';

const BYTES_PER_PACKET = 700;
const BYTES_PER_READ = 16_384;
const BYTES_PER_WRITE = 8192;

/**
 * cAdvisor's series of pods and containers, as kube-prometheus-stack keeps them: cgroups without a
 * pod are dropped, those of a whole pod stay and have no `container` label.
 */
export function cadvisorSeries(context: ClusterContext): Series[] {
  const out = createCollector(context);
  for (const pod of context.pods) {
    const target = context.targets.kubelet(pod.host, '/metrics/cadvisor');
    const { name, namespace, uid } = pod.pod;
    const labels = { ...target, namespace, pod: name, id: `/kubepods/pod${uid.slice(0, 8)}` };
    for (const [index, container] of pod.pod.containers.entries()) {
      containerSeries(out, pod, index, container, labels);
    }
    podCgroup(out, pod, labels);
    if (!pod.pod.hostNetwork) network(out, pod, labels);
  }
  return out.series;
}

/** A counter of something in a pod; undefined while its kubelet does not answer. */
export function podCounter(pod: PodSignals, signal: Signal, decimals = 0): Series['value'] {
  const counter = pod.host.counter(signal, decimals);
  return (t) => (pod.host.kubeletUp(t) ? counter(t) : undefined);
}

function podGauge(pod: PodSignals, value: (t: number) => number): Series['value'] {
  return (t) => (pod.host.kubeletUp(t) ? value(t) : undefined);
}

function containerSeries(
  out: Collector,
  pod: PodSignals,
  index: number,
  container: Container,
  ofPod: Labels,
): void {
  const { name, id, image, use } = container;
  const labels = { ...ofPod, id: `/kubepods/${id}`, name: id, container: name, image };
  const signals = pod.containers[index];
  if (signals === undefined) return;
  cpuAndMemory(out, pod, labels, signals.cpu, signals.memory);
  if (container.limits !== null) limitedCpu(out, pod, labels);
  if (use.disk === 0) return;
  const disk = { ...labels, device: '/dev/vda' };
  const reads = scaled(signals.cpu, use.disk / use.cpu);
  const writes = scaled(reads, 1.6);
  const add = (metric: MetricName, signal: Signal) =>
    out.add('workload', metric, disk, podCounter(pod, signal));
  add('container_fs_reads_total', reads);
  add('container_fs_writes_total', writes);
  add('container_fs_reads_bytes_total', scaled(reads, BYTES_PER_READ));
  add('container_fs_writes_bytes_total', scaled(writes, BYTES_PER_WRITE));
}

/** Ten periods a second, and now and then one in which the container had to wait. */
function limitedCpu(out: Collector, pod: PodSignals, labels: Labels): void {
  const add = (name: MetricName, perSecond: number) =>
    out.add('state', name, labels, podCounter(pod, constant(perSecond)));
  add('container_cpu_cfs_periods_total', 10);
  add('container_cpu_cfs_throttled_periods_total', 0.3);
}

/** The pod's own cgroup: the sum of its containers. Who sums without `container!=""` counts twice. */
function podCgroup(out: Collector, pod: PodSignals, labels: Labels): void {
  const sum: Signal = {
    at: (t) => pod.containers.reduce((total, { cpu }) => total + cpu.at(t), 0),
    integral: (t) => pod.containers.reduce((total, { cpu }) => total + cpu.integral(t), 0),
  };
  cpuAndMemory(out, pod, labels, sum, (t) =>
    pod.containers.reduce((total, { memory }) => total + memory(t), 0),
  );
}

function cpuAndMemory(
  out: Collector,
  pod: PodSignals,
  labels: Labels,
  cpu: Signal,
  memory: (t: number) => number,
): void {
  out.add(
    'workload',
    'container_cpu_usage_seconds_total',
    { ...labels, cpu: 'total' },
    podCounter(pod, cpu, 4),
  );
  const add = (name: MetricName, share: number) =>
    out.add(
      'workload',
      name,
      labels,
      podGauge(pod, (t) => Math.floor(memory(t) * share)),
    );
  add('container_memory_usage_bytes', 1.25);
  add('container_memory_working_set_bytes', 1);
  add('container_memory_rss', 0.85);
}

function network(out: Collector, pod: PodSignals, ofPod: Labels): void {
  const labels = { ...ofPod, interface: 'eth0' };
  for (const direction of ['receive', 'transmit'] as const) {
    const bytes = pod[direction];
    const add = (what: 'bytes' | 'packets' | 'packets_dropped', signal: Signal) =>
      out.add(
        'workload',
        `container_network_${direction}_${what}_total`,
        labels,
        podCounter(pod, signal),
      );
    add('bytes', bytes);
    add('packets', scaled(bytes, 1 / BYTES_PER_PACKET));
    add('packets_dropped', constant(direction === 'receive' ? 0.02 : 0.004));
  }
}
