import { createCollector } from '../cluster-context.js';
import type { ClusterContext } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import { unit } from '../../random.js';
import type { Series } from '../../types.js';

const VOLUME_BYTES = 20 * 2 ** 30;

/** The kubelet's own series: `node` is the Kubernetes node name. Gone while the kubelet is down. */
export function kubeletSeries(context: ClusterContext): Series[] {
  const out = createCollector(context);
  for (const host of context.nodes) {
    const labels = context.targets.kubelet(host, '/metrics');
    const pods = context.pods.filter((pod) => pod.host === host);
    const containers = pods.reduce((count, { pod }) => count + pod.containers.length, 0);
    const whileUp = (value: number) => (t: number) => (host.kubeletUp(t) ? value : undefined);
    out.add('state', 'kubelet_node_name', labels, whileUp(1));
    out.add('node', 'kubelet_running_pods', labels, whileUp(pods.length));
    out.add(
      'state',
      'kubelet_running_containers',
      { ...labels, container_state: 'running' },
      whileUp(containers),
    );
  }
  for (const { pod, host } of context.pods) {
    // Each replica of a stateful set has a volume of its own.
    if (pod.owner.kind !== 'StatefulSet') continue;
    const labels = {
      ...context.targets.kubelet(host, '/metrics'),
      namespace: pod.namespace,
      persistentvolumeclaim: `data-${pod.name}`,
    };
    const left = Math.floor(VOLUME_BYTES * (0.2 + 0.6 * unit(pod.uid)));
    const add = (name: MetricName, value: number) =>
      out.add('state', name, labels, (t) => (host.kubeletUp(t) ? value : undefined));
    add('kubelet_volume_stats_capacity_bytes', VOLUME_BYTES);
    add('kubelet_volume_stats_available_bytes', left);
  }
  return out.series;
}
