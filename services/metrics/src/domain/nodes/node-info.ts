import type { Figure } from '../promql/figure.js';
import type { QueryResults } from '../promql/queries.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';

/** A metric that describes nodes by its labels alone, one value of `key` for each node. */
export interface NodeInfoMetric {
  readonly figure: string;
  readonly metric: string;
  readonly key: 'instance' | 'node';
  readonly labels: string;
}

const kubernetesNode = 'kube_node_info';

export const nodeInfoMetrics: readonly NodeInfoMetric[] = [
  {
    figure: 'uname',
    metric: 'node_uname_info',
    key: 'instance',
    labels: 'instance, nodename, sysname, release, machine',
  },
  {
    figure: 'kubernetes',
    metric: kubernetesNode,
    key: 'node',
    labels: 'node, internal_ip',
  },
];

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
  const figures = nodeInfoOf(scope).map((info) =>
    nodeInfoFigure(info, instant.latest(scope.select(info.metric))),
  );
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
