import { createCollector } from '../cluster-context.js';
import type { ClusterContext } from '../cluster-context.js';
import type { Series } from '../../types.js';

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
  return out.series;
}
