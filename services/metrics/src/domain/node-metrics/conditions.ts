import type { NodeDetail } from '@bud-monitoring/contracts';
import type { Row } from '../../ports.js';
import { matchNodes } from '../nodes/gone-nodes.js';
import type { Figure, Figures } from '../promql/figure.js';
import type { Query } from '../promql/queries.js';
import type { Scope } from '../promql/scope.js';
import { kubernetesNodeLabels, kubernetesNodeOf } from '../targets/node-labels.js';

export const conditionMetric = 'kube_node_status_condition';

const ready = 'Ready';
const statuses: Readonly<Record<string, 'True' | 'False' | 'Unknown'>> = {
  true: 'True',
  false: 'False',
  unknown: 'Unknown',
};

/** The usual status of `Ready` and of every other condition; its figure is 1 where it holds, else 0. */
const usual = {
  ready: { figure: 'usual:ready', op: '=', status: 'true', is: 'True' },
  others: { figure: 'usual:others', op: '!=', status: 'false', is: 'False' },
} as const;
const usualOf = (condition: string) => (condition === ready ? usual.ready : usual.others);
const unusual = 'condition';

/** Figures whose labels matter, beside the node. */
export const conditionFigureNames: readonly string[] = [
  usual.ready.figure,
  usual.others.figure,
  unusual,
];

/**
 * Every status of a condition has a series, and the one that holds is 1. As most nodes are ready and
 * nothing else is wrong with them, two series of three need not be read.
 */
export function conditionFigures(scope: Scope): Figure[] {
  if (!scope.has(conditionMetric)) return [];
  return Object.values(usual).map(({ figure, op, status }) => {
    const series = scope.select(
      conditionMetric,
      { label: 'condition', op, value: ready },
      { label: 'status', op: '=', value: status },
    );
    return { figure, expr: `min by (${kubernetesNodeLabels}, condition) (${series})` };
  });
}

/** Queries the conditions of nodes of which, by the `known` figures, some are unusual or `Ready` is missing. */
export function planUnusual(scope: Scope, known: Figures, end: number): Query[] {
  if (!scope.has(conditionMetric)) return [];
  const rowsOf = (figure: string) => known.get(figure) ?? [];
  const nameOf = ({ metric }: Row) => kubernetesNodeOf(metric);
  const withReady = new Set(rowsOf(usual.ready.figure).map(nameOf));
  const nodes = new Set([
    ...Object.values(usual)
      .flatMap(({ figure }) => rowsOf(figure).filter(({ value }) => value !== 1))
      .map(nameOf),
    ...rowsOf('kubernetes')
      .map(nameOf)
      .filter((name) => !withReady.has(name)),
  ]);
  if (nodes.size === 0) return [];
  const label = rowsOf('kubernetes').some(({ metric }) => metric['exported_node'] !== undefined)
    ? 'exported_node'
    : 'node';
  const named = matchNodes(label, [...nodes]);
  const series = scope.select(conditionMetric, ...(named === null ? [] : [named]));
  const expr = `max by (${kubernetesNodeLabels}, condition, status) (${series} == 1)`;
  return [{ group: 'conditions', figures: [{ figure: unusual, expr }], at: end }];
}

/**
 * Status and conditions of a node by the rows of its figures. As in kubectl, a node whose `Ready` is
 * unknown is not ready. Where replicas of kube-state-metrics disagree, the unusual status holds.
 */
export function conditionsOf(
  rowsOf: (figure: string) => readonly Row[],
): Pick<NodeDetail, 'status' | 'conditions'> {
  const conditions: NodeDetail['conditions'] = {};
  for (const { figure, is } of Object.values(usual)) {
    for (const { metric, value } of rowsOf(figure)) {
      if (value === 1) conditions[metric['condition'] ?? ''] = is;
    }
  }
  for (const { metric } of rowsOf(unusual)) {
    const name = metric['condition'] ?? '';
    const status = statuses[metric['status'] ?? ''];
    const isUsual = status === usualOf(name).is;
    if (status !== undefined && !(isUsual && name in conditions)) conditions[name] = status;
  }
  const isKnown = ready in conditions || rowsOf(usual.ready.figure).length > 0;
  if (!isKnown) return { status: 'Unknown', conditions };
  return { status: conditions[ready] === 'True' ? 'Ready' : 'NotReady', conditions };
}
