import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import type { NodeSignals } from '../node-signals.js';
import type { Pod, Workload } from '../../types.js';

/** kube-state-metrics' series of deployments, stateful sets, daemon sets and namespaces. */
export function workloadState(out: Collector, context: ClusterContext): void {
  const target = context.targets.kubeStateMetrics;
  const hosts = new Map(context.nodes.map((host) => [host.node.name, host]));
  for (const [workload, pods] of byWorkload(context.cluster.pods)) {
    const { namespace, name, kind, controller } = workload;
    const there = (t: number) => pods.filter((pod) => exists(pod, hosts, t)).length;
    const ready = (t: number) =>
      pods.filter(({ node }) => node !== null && hosts.get(node)?.kubeletUp(t) === true).length;
    const add = (metric: MetricName, label: string, value: ((t: number) => number) | number) =>
      out.add('state', metric, { ...target, namespace, [label]: name }, value);
    if (kind === 'Deployment') {
      add('kube_deployment_spec_replicas', 'deployment', pods.length);
      add('kube_deployment_status_replicas', 'deployment', there);
      add('kube_deployment_status_replicas_available', 'deployment', ready);
      const owner = { owner_kind: kind, owner_name: name, owner_is_controller: 'true' };
      const set = { ...target, namespace, replicaset: controller.name };
      out.add('state', 'kube_replicaset_owner', { ...set, ...owner }, 1);
    } else if (kind === 'StatefulSet') {
      add('kube_statefulset_replicas', 'statefulset', pods.length);
      add('kube_statefulset_status_replicas_ready', 'statefulset', ready);
    } else {
      add('kube_daemonset_status_desired_number_scheduled', 'daemonset', there);
      add('kube_daemonset_status_number_ready', 'daemonset', ready);
    }
  }
  for (const namespace of new Set(context.cluster.pods.map((pod) => pod.namespace))) {
    out.add('state', 'kube_namespace_status_phase', { ...target, namespace, phase: 'Active' }, 1);
  }
}

function byWorkload(pods: readonly Pod[]): Map<Workload, Pod[]> {
  const found = new Map<Workload, Pod[]>();
  for (const pod of pods) {
    const others = found.get(pod.owner);
    if (others === undefined) found.set(pod.owner, [pod]);
    else others.push(pod);
  }
  return found;
}

/** Waiting pods are there too; those of a vanished node are not. */
function exists(pod: Pod, hosts: ReadonlyMap<string, NodeSignals>, t: number): boolean {
  return pod.node === null || hosts.get(pod.node)?.exists(t) === true;
}
