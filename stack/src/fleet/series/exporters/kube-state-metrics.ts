import { createCollector } from '../cluster-context.js';
import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import type { NodeSignals } from '../node-signals.js';
import { uuid } from '../../random.js';
import type { FleetNode, Labels, Series } from '../../types.js';
import { KERNEL } from './node-exporter.js';
import { podState } from './pod-state.js';
import { workloadState } from './workload-state.js';

const MAX_PODS = 110;

/**
 * kube-state-metrics 2.x: what the API server says of nodes, pods and workloads. `node` is the
 * Kubernetes node name, `instance` the exporter's own pod.
 */
export function kubeStateMetricsSeries(context: ClusterContext): Series[] {
  const out = createCollector(context);
  const labels = context.targets.kubeStateMetrics;
  for (const node of context.nodes) nodeState(out, node, labels, context.cluster.id);
  podState(out, context);
  workloadState(out, context);
  return out.series;
}

function nodeState(out: Collector, signals: NodeSignals, target: Labels, cluster: string): void {
  const { node } = signals;
  const labels = { ...target, node: node.name };
  const info = {
    kernel_version: KERNEL,
    os_image: 'Ubuntu 24.04.1 LTS',
    container_runtime_version: 'containerd://1.7.24',
    kubelet_version: 'v1.31.4',
    internal_ip: node.ip,
    pod_cidr: '10.244.0.0/16',
    system_uuid: uuid(cluster, node.name),
  };
  const add = (name: MetricName, more: Labels, value: number) =>
    out.add(
      'state',
      name,
      { ...labels, ...more },
      signals.gauge(() => value),
    );
  const there = signals.gauge(() => 1);
  out.add('node', 'kube_node_info', { ...labels, ...info }, there);
  add('kube_node_created', {}, node.boots[0] ?? 0);
  add('kube_node_spec_unschedulable', {}, 0);
  if (node.controlPlane) add('kube_node_role', { role: 'control-plane' }, 1);
  for (const [resource, unit, amount] of resources(node)) {
    add('kube_node_status_capacity', { resource, unit }, amount);
    const reserved = resource === 'cpu' ? 0.1 : resource === 'memory' ? 2 ** 29 : 0;
    add('kube_node_status_allocatable', { resource, unit }, amount - reserved);
  }
  conditions(out, signals, labels);
}

/** Capacity as the API server has it: resource, unit, amount. */
function resources(node: FleetNode): [resource: string, unit: string, amount: number][] {
  const gpus = { nvidia: 'nvidia_com_gpu', amd: 'amd_com_gpu', gaudi: 'habana_ai_gaudi' };
  const vendor = node.gpus[0]?.vendor;
  return [
    ['cpu', 'core', node.cores],
    ['memory', 'byte', node.memoryBytes],
    ['ephemeral_storage', 'byte', node.diskBytes],
    ['pods', 'integer', MAX_PODS],
    ['hugepages_1Gi', 'byte', 0],
    ['hugepages_2Mi', 'byte', 0],
    ...(vendor === undefined
      ? []
      : [[gpus[vendor], 'integer', node.gpus.length] satisfies [string, string, number]]),
  ];
}

/** One series for each condition and status; the value says which status holds. */
function conditions(out: Collector, signals: NodeSignals, labels: Labels): void {
  const { notReadySince, readiness = 'unknown' } = signals.node.incidents;
  const ill = (t: number) => notReadySince !== undefined && t >= notReadySince;
  for (const condition of ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']) {
    const healthy = condition === 'Ready' ? 'true' : 'false';
    // A kubelet that is silent leaves every condition unknown; one that complains, only Ready false.
    const sick = condition === 'Ready' || readiness === 'unknown' ? readiness : healthy;
    for (const status of ['true', 'false', 'unknown']) {
      out.add(
        'state',
        'kube_node_status_condition',
        { ...labels, condition, status },
        signals.gauge((t) => ((ill(t) ? sick : healthy) === status ? 1 : 0)),
      );
    }
  }
}
