import type { LabelMatcher } from '@bud-monitoring/promql';
import { networkBandwidth } from '../metrics/network.js';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { eachObject } from '../targets/kubernetes-objects.js';
import { kubeletLabels, kubernetesNodeLabels } from '../targets/node-labels.js';
import type { Probe } from '../targets/probe.js';
import { rangeOf } from '../time-base/growth.js';
import { bandwidthStep } from './windows.js';

const runningPods = ['kubelet_running_pods', 'kubelet_running_pod_count'] as const;
const oldCapacity = {
  pods: 'kube_node_status_capacity_pods',
  cpu: 'kube_node_status_capacity_cpu_cores',
  memory: 'kube_node_status_capacity_memory_bytes',
} as const;

/** Labels that name a pod (`eachObject`). */
const pod = ['namespace', 'pod'] as const;
const onPod = 'on (exported_namespace, exported_pod, namespace, pod)';

/** Metrics of capacity and pods. */
export const kubernetesMetricNames: readonly string[] = [
  ...runningPods,
  ...Object.values(oldCapacity),
  'kube_node_status_capacity',
  'kube_pod_info',
  'kube_pod_status_phase',
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
    return `max by (${kubernetesNodeLabels}, resource) (${instant.latest(scope.select('kube_node_status_capacity'))})`;
  });
  for (const [resource, metric] of Object.entries(oldCapacity)) {
    add(metric, `capacity:${resource}`, () => {
      return `max by (${kubernetesNodeLabels}) (${instant.latest(scope.select(metric))})`;
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
  const scheduled = (...matchers: LabelMatcher[]) =>
    scope.select('kube_pod_info', { label: 'node', op: '!=', value: '' }, ...matchers);
  const pods = eachObject(scheduled, [...kubernetesNodeLabels.split(', '), ...pod]);
  const add = (figure: string, which: string) => {
    figures.push({ figure, expr: `count by (${kubernetesNodeLabels}) (${pods} ${which})` });
  };
  const those = (metric: string, label: string, value: string) => {
    const own = { label, op: '=~', value } as const;
    return `(${eachObject((...matchers) => scope.select(metric, own, ...matchers), pod)} == 1)`;
  };
  // A pod of a job that has ended stays in the list.
  const ended = scope.has('kube_pod_status_phase')
    ? `unless ${onPod} ${those('kube_pod_status_phase', 'phase', 'Succeeded|Failed')}`
    : '';
  add('pods:desired', ended);
  if (scope.has('kube_pod_status_ready')) {
    const ready = those('kube_pod_status_ready', 'condition', 'true');
    add('pods:available', `and ${onPod} ${ready}`);
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
