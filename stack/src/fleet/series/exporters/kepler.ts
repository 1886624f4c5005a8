import { createCollector } from '../cluster-context.js';
import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import type { NodeSignals, PodSignals } from '../node-signals.js';
import { scaled } from '../signal.js';
import type { Signal } from '../signal.js';
import type { Labels, Series } from '../../types.js';
import { podCounter } from './cadvisor.js';

/** Watts that a busy core adds; containers get the share of their cores. */
const WATTS_PER_CORE = 9;
const IDLE_SHARE = 0.35;

/** Kepler's series under the names of its time: `legacy` up to 0.9, `current` from 0.10 on. */
export function keplerSeries(context: ClusterContext): Series[] {
  const out = createCollector(context);
  const legacy = context.cluster.exporters.kepler === 'legacy';
  for (const host of context.nodes) {
    const labels = context.targets.kepler(host);
    if (legacy) legacyNode(out, host, labels);
    else currentNode(out, host, labels);
  }
  for (const pod of context.pods) {
    const labels = context.targets.kepler(pod.host);
    if (legacy) legacyContainers(out, pod, labels);
    else currentPod(out, pod, labels);
  }
  return out.series;
}

function legacyNode(out: Collector, host: NodeSignals, labels: Labels): void {
  const add = (name: MetricName, more: Labels, watts: Signal) => {
    for (const [mode, share] of [
      ['dynamic', 1 - IDLE_SHARE],
      ['idle', IDLE_SHARE],
    ] as const) {
      const joules = host.counter(scaled(watts, share), 3);
      out.add('node', name, { ...labels, ...more, mode }, joules);
    }
  };
  const rapl = { package: '0', source: 'rapl-sysfs' };
  add('kepler_node_package_joules_total', rapl, host.packageWatts);
  add('kepler_node_dram_joules_total', rapl, host.dramWatts);
  if (host.node.platformPower) {
    add('kepler_node_platform_joules_total', { source: 'redfish' }, host.platformWatts);
  }
}

function legacyContainers(out: Collector, pod: PodSignals, labels: Labels): void {
  for (const [index, { name, id }] of pod.pod.containers.entries()) {
    const cpu = pod.containers[index]?.cpu;
    if (cpu === undefined) continue;
    const container = {
      container_id: id,
      container_name: name,
      container_namespace: pod.pod.namespace,
      pod_name: pod.pod.name,
    };
    for (const [mode, watts] of [
      ['dynamic', WATTS_PER_CORE],
      ['idle', WATTS_PER_CORE * IDLE_SHARE],
    ] as const) {
      out.add(
        'workload',
        'kepler_container_joules_total',
        { ...labels, ...container, mode },
        podCounter(pod, scaled(cpu, watts), 3),
      );
    }
  }
}

/** Zones overlap: `core` lies within `package`, and `psys` holds everything. They must not be added. */
function currentNode(out: Collector, host: NodeSignals, labels: Labels): void {
  const zones: [zone: string, watts: Signal][] = [
    ['package', host.packageWatts],
    ['core', scaled(host.packageWatts, 0.7)],
    ['dram', host.dramWatts],
  ];
  if (host.node.platformPower) zones.push(['psys', host.platformWatts]);
  const node = { ...labels, node_name: host.node.name };
  for (const [index, [zone, watts]] of zones.entries()) {
    const of = { ...node, zone, path: `/sys/class/powercap/intel-rapl:${index}` };
    out.add('node', 'kepler_node_cpu_joules_total', of, host.counter(watts, 3));
    out.add(
      'node',
      'kepler_node_cpu_watts',
      of,
      host.gauge((t) => milli(watts.at(t))),
    );
  }
  const usage = host.gauge((t) => milli(host.busy.at(t)));
  out.add('node', 'kepler_node_cpu_usage_ratio', node, usage);
}

function currentPod(out: Collector, pod: PodSignals, labels: Labels): void {
  const { name, namespace, uid, containers } = pod.pod;
  const common = { ...labels, node_name: pod.host.node.name, state: 'running', zone: 'package' };
  const ofPod = { ...common, pod_id: uid, pod_name: name, pod_namespace: namespace };
  const total: Signal = {
    at: (t) => pod.containers.reduce((sum, { cpu }) => sum + cpu.at(t), 0),
    integral: (t) => pod.containers.reduce((sum, { cpu }) => sum + cpu.integral(t), 0),
  };
  const watts = scaled(total, WATTS_PER_CORE);
  out.add('workload', 'kepler_pod_cpu_joules_total', ofPod, podCounter(pod, watts, 3));
  out.add('workload', 'kepler_pod_cpu_watts', ofPod, (t) =>
    pod.host.kubeletUp(t) ? milli(watts.at(t)) : undefined,
  );
  for (const [index, container] of containers.entries()) {
    const cpu = pod.containers[index]?.cpu;
    if (cpu === undefined) continue;
    // Containers have no namespace label: they are joined on pod_id.
    const of = { pod_id: uid, container_id: container.id, container_name: container.name };
    out.add(
      'workload',
      'kepler_container_cpu_joules_total',
      { ...common, ...of, runtime: 'containerd' },
      podCounter(pod, scaled(cpu, WATTS_PER_CORE), 3),
    );
  }
}

function milli(value: number): number {
  return Math.round(value * 1000) / 1000;
}
