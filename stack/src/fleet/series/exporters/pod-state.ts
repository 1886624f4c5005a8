import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import type { NodeSignals } from '../node-signals.js';
import type { Container, Labels, Pod, Series } from '../../types.js';

/** The workload whose containers were killed for lack of memory. */
const MEMORY_HUNGRY = 'checkout';

/** kube-state-metrics' series of pods. Those of a vanished node go with it. */
export function podState(out: Collector, context: ClusterContext): void {
  const hosts = new Map(context.nodes.map((host) => [host.node.name, host]));
  for (const pod of context.cluster.pods) {
    const host = pod.node === null ? undefined : hosts.get(pod.node);
    const { namespace, name, uid } = pod;
    const labels = { ...context.targets.kubeStateMetrics, namespace, pod: name, uid };
    onePod(out, pod, host, labels);
    for (const container of pod.containers) {
      onContainer(out, container, { ...labels, container: container.name }, pod, host);
    }
  }
}

function whileThere(host: NodeSignals | undefined, value: (t: number) => number): Series['value'] {
  return host === undefined ? value : host.gauge(value);
}

function onePod(out: Collector, pod: Pod, host: NodeSignals | undefined, target: Labels): void {
  // The exporter's own `container` label stays: a pod's series have none to replace it with.
  const add = (name: MetricName, more: Labels, value: (t: number) => number) =>
    out.add('state', name, { ...target, ...more }, whileThere(host, value));
  const { kind, name } = pod.owner.controller;
  const ready = (t: number) => host?.kubeletUp(t) === true;
  add(
    'kube_pod_info',
    {
      node: pod.node ?? '',
      host_ip: host?.node.ip ?? '',
      pod_ip: host === undefined ? '' : pod.ip,
      host_network: String(pod.hostNetwork),
      created_by_kind: kind,
      created_by_name: name,
    },
    () => 1,
  );
  add(
    'kube_pod_owner',
    { owner_kind: kind, owner_name: name, owner_is_controller: 'true' },
    () => 1,
  );
  const phase = host === undefined ? 'Pending' : 'Running';
  for (const each of ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']) {
    add('kube_pod_status_phase', { phase: each }, () => (each === phase ? 1 : 0));
  }
  add('kube_pod_status_ready', { condition: 'true' }, (t) => (ready(t) ? 1 : 0));
  add('kube_pod_status_ready', { condition: 'false' }, (t) => (ready(t) ? 0 : 1));
  add('kube_pod_status_ready', { condition: 'unknown' }, () => 0);
  const isBound = pod.containers.every(({ limits }) => limits !== null);
  add('kube_pod_status_qos_class', { qos_class: isBound ? 'Burstable' : 'BestEffort' }, () => 1);
}

function onContainer(
  out: Collector,
  container: Container,
  labels: Labels,
  pod: Pod,
  host: NodeSignals | undefined,
): void {
  const add = (name: MetricName, more: Labels, value: (t: number) => number) =>
    out.add('state', name, { ...labels, ...more }, whileThere(host, value));
  const { requests, limits } = container;
  const node = pod.node ?? '';
  for (const [resource, unit] of [
    ['cpu', 'core'],
    ['memory', 'byte'],
  ] as const) {
    add('kube_pod_container_resource_requests', { node, resource, unit }, () => requests[resource]);
    if (limits === null) continue;
    add('kube_pod_container_resource_limits', { node, resource, unit }, () => limits[resource]);
  }
  if (host === undefined) return;
  add('kube_pod_container_info', { image: container.image, container_id: container.id }, () => 1);
  add(
    'kube_pod_container_status_restarts_total',
    {},
    (t) => host.node.boots.filter((boot, index) => index > 0 && boot <= t).length,
  );
  // Told only of those that ended once.
  if (pod.owner.name === MEMORY_HUNGRY)
    add('kube_pod_container_status_last_terminated_reason', { reason: 'OOMKilled' }, () => 1);
}
