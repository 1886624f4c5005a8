import { createCollector } from '../cluster-context.js';
import type { ClusterContext } from '../cluster-context.js';
import type { NodeSignals } from '../node-signals.js';
import type { Labels, Series } from '../../types.js';

/** One `up` for each target; a node that vanished is no target any more. */
export function upSeries(context: ClusterContext): Series[] {
  const out = createCollector(context);
  const { targets, cluster, nodes } = context;
  const { nodeExporter, kubelet, kubeStateMetrics, kepler } = cluster.exporters;
  const add = (host: NodeSignals, labels: Labels, answers: (t: number) => boolean) =>
    out.add(
      'state',
      'up',
      labels,
      host.gauge((t) => (answers(t) ? 1 : 0)),
    );
  for (const host of nodes) {
    const always = () => true;
    if (nodeExporter) add(host, targets.nodeExporter(host), always);
    if (kubelet) {
      const up = (t: number) => host.kubeletUp(t);
      add(host, targets.kubelet(host, '/metrics'), up);
      add(host, targets.kubelet(host, '/metrics/cadvisor'), up);
    }
    if (kepler !== 'none') add(host, targets.kepler(host), always);
    const vendor = host.node.gpus[0]?.vendor;
    if (vendor !== undefined) add(host, targets.gpuExporter(host, vendor), always);
  }
  if (kubeStateMetrics) out.add('state', 'up', targets.kubeStateMetrics, 1);
  return out.series;
}
