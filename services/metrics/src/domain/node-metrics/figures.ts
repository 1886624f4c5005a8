import { networkBandwidth } from '../metrics/network.js';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { kubeletLabels } from '../targets/node-labels.js';
import type { Probe } from '../targets/probe.js';
import { rangeOf } from '../time-base/growth.js';
import { bandwidthStep } from './windows.js';

const runningPods = ['kubelet_running_pods', 'kubelet_running_pod_count'] as const;
const oldCapacity = {
  pods: 'kube_node_status_capacity_pods',
  cpu: 'kube_node_status_capacity_cpu_cores',
  memory: 'kube_node_status_capacity_memory_bytes',
} as const;

/** Metrics of capacity and pods. */
export const kubernetesMetricNames: readonly string[] = [
  ...runningPods,
  ...Object.values(oldCapacity),
  'kube_node_status_capacity',
  'kube_pod_info',
  'kube_pod_status_ready',
  'machine_cpu_cores',
  'machine_memory_bytes',
];

/** The size of a node, by kube-state-metrics and kubelets. */
export function capacityFigures(scope: Scope, instant: InstantReading): Figure[] {
  const figures: Figure[] = [];
  const add = (metric: string, figure: string, expr: () => string) => {
    if (scope.has(metric)) figures.push({ figure, expr: expr() });
  };
  add('kube_node_status_capacity', 'capacity', () => {
    return `max by (node, resource) (${instant.latest(scope.select('kube_node_status_capacity'))})`;
  });
  for (const [resource, metric] of Object.entries(oldCapacity)) {
    add(metric, `capacity:${resource}`, () => {
      return `max by (node) (${instant.latest(scope.select(metric))})`;
    });
  }
  add('machine_cpu_cores', 'machine:cpu', () => {
    return `max by (${kubeletLabels}) (${instant.latest(scope.select('machine_cpu_cores'))})`;
  });
  add('machine_memory_bytes', 'machine:memory', () => {
    return `max by (${kubeletLabels}) (${instant.latest(scope.select('machine_memory_bytes'))})`;
  });
  return figures;
}

/** Pods of each node: running, scheduled and ready. */
export function podFigures(scope: Scope): Figure[] {
  const figures: Figure[] = [];
  const known = runningPods.filter((name) => scope.has(name));
  if (known.length > 0) {
    const expr = known
      .map((name) => `max by (${kubeletLabels}) (${scope.select(name)})`)
      .join(' or ');
    figures.push({ figure: 'pods:running', expr });
  }
  if (!scope.has('kube_pod_info')) return figures;
  const scheduled = scope.select('kube_pod_info', { label: 'node', op: '!=', value: '' });
  const pods = `max by (node, namespace, pod) (${scheduled})`;
  figures.push({ figure: 'pods:desired', expr: `count by (node) (${pods})` });
  if (scope.has('kube_pod_status_ready')) {
    const ready = scope.select('kube_pod_status_ready', {
      label: 'condition',
      op: '=',
      value: 'true',
    });
    const isReady = `(max by (namespace, pod) (${ready}) == 1)`;
    figures.push({
      figure: 'pods:available',
      expr: `count by (node) (${pods} * on (namespace, pod) group_left () ${isReady})`,
    });
  }
  return figures;
}

/** Network bandwidth of each hour: its rate as the store computes it, for want of the samples of a day. */
export function bandwidthFigures({ scope }: Probe): Figure[] {
  const rate = (selected: string) => `rate(${selected}${rangeOf(bandwidthStep)})`;
  return networkBandwidth.quantities
    .filter(({ metricNames }) => metricNames.some((name) => scope.has(name)))
    .flatMap((quantity) => quantity.counters(scope))
    .map(({ figure, expr }) => ({ figure, expr: `max by (instance) (${expr(rate)}) * 8 / 1e6` }));
}
