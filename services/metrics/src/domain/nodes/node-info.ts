import type { Figure } from '../promql/figure.js';
import type { QueryResults } from '../promql/queries.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import { heartbeatSelector } from '../targets/node-exporter.js';
import { exporterNameLabels, kubernetesNodeLabels } from '../targets/node-labels.js';

/** Labels by which the store's index is asked for nodes. */
export type NodeInfoLabel = 'instance' | 'node' | 'nodename';

/** A metric that describes nodes by its labels alone, one value of each of `keys` for a node. */
export interface NodeInfoMetric {
  readonly figure: string;
  readonly metric: string;
  readonly keys: readonly NodeInfoLabel[];
  readonly labels: string;
}

const kubernetesNode = 'kube_node_info';
const kernelName = 'node_uname_info';

export const nodeInfoMetrics: readonly NodeInfoMetric[] = [
  {
    figure: 'uname',
    metric: kernelName,
    // A machine whose address another one has now is gone by its name alone.
    keys: ['instance', 'nodename'],
    labels: ['instance, nodename, sysname, release, machine', ...exporterNameLabels].join(', '),
  },
  {
    figure: 'kubernetes',
    metric: kubernetesNode,
    keys: ['node'],
    labels: `${kubernetesNodeLabels}, internal_ip, kernel_version, os_image`,
  },
];

/** The name of the figure of nodes that are gone. */
export const goneFigure = (figure: string) => `${figure}:gone`;

/** The name of the figure of node-exporters by the labels of their series, where nothing tells their kernels' names. */
export const labelledFigure = 'uname:labels';

/** The name of the figure of nodes that were there near the window. */
export const nearbyFigure = (figure: string) => `${figure}:nearby`;

export const nearbyFigures: ReadonlySet<string> = new Set(
  nodeInfoMetrics.map(({ figure }) => nearbyFigure(figure)),
);

/** The node info metrics that a cluster has. */
export function nodeInfoOf(scope: Scope): NodeInfoMetric[] {
  return nodeInfoMetrics.filter(({ metric }) => scope.has(metric));
}

/** The figure of a node info metric, from an expression of its series. */
export function nodeInfoFigure({ figure, labels }: NodeInfoMetric, series: string): Figure {
  return { figure, expr: `max by (${labels}) (${series})` };
}

/** Nodes that were seen in the 5 minutes before the end, and the newest sample of Kubernetes. */
export function liveNodeFigures(scope: Scope, instant: InstantReading): Figure[] {
  const figures = nodeInfoOf(scope).map((info) => {
    const selected = scope.select(info.metric);
    const seen = nodeInfoFigure(info, instant.latest(selected));
    // The time, where it is known: of two machines of one instance the newer one holds it.
    const newest = nodeInfoFigure(info, `timestamp(${selected})`);
    return info.metric === kubernetesNode
      ? seen
      : { ...seen, expr: `(${newest.expr} or ${seen.expr})` };
  });
  const heartbeat = heartbeatSelector(scope);
  if (!scope.has(kernelName) && heartbeat !== null) {
    // Where the names of kernels are not kept, the labels of other series may name machines.
    const labels = ['instance', ...exporterNameLabels].join(', ');
    figures.push({ figure: labelledFigure, expr: `max by (${labels}) (timestamp(${heartbeat}))` });
  }
  if (scope.has(kubernetesNode)) {
    const expr = `max(timestamp(${scope.select(kubernetesNode)}))`;
    figures.push({ figure: 'heard:kubernetes', expr });
  }
  return figures;
}

/** How many nodes there are by the larger of their lists. */
export function countNodes({ instant }: QueryResults): number {
  return Math.max(instant.get('replicas')?.length ?? 0, instant.get('kubernetes')?.length ?? 0);
}
