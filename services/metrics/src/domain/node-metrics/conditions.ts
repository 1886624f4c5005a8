import type { NodeDetail } from '@bud-monitoring/contracts';
import type { Row } from '../../ports.js';
import { oneOf } from '../nodes/node-info.js';
import type { Query } from '../promql/queries.js';
import type { Figure, Figures } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';

export const conditionMetric = 'kube_node_status_condition';

const ready = 'Ready';
const statuses: Readonly<Record<string, 'True' | 'False' | 'Unknown'>> = {
  true: 'True',
  false: 'False',
  unknown: 'Unknown',
};

/** What conditions usually are; the figure of each is 1 where they are, else 0. */
const usual = [
  { figure: 'usual:ready', op: '=', status: 'true', is: 'True' },
  { figure: 'usual:others', op: '!=', status: 'false', is: 'False' },
] as const;
const unusual = 'condition';

/** Figures of which the labels matter, beside the node. */
export const conditionFigureNames: readonly string[] = [
  ...usual.map(({ figure }) => figure),
  unusual,
];

/**
 * Every status of a condition has a series, and the one that holds is 1. As most nodes are ready and
 * nothing else is wrong with them, two series of three need not be read.
 */
export function conditionFigures(scope: Scope): Figure[] {
  if (!scope.has(conditionMetric)) return [];
  return usual.map(({ figure, op, status }) => {
    const series = scope.select(
      conditionMetric,
      { label: 'condition', op, value: ready },
      { label: 'status', op: '=', value: status },
    );
    return { figure, expr: `min by (node, condition) (${series})` };
  });
}

/** Asks the conditions of nodes of which, by what is `known`, some are unusual or `Ready` is missing. */
export function planUnusual(scope: Scope, known: Figures, end: number): Query[] {
  if (!scope.has(conditionMetric)) return [];
  const rowsOf = (figure: string) => known.get(figure) ?? [];
  const nameOf = ({ metric }: Row) => metric['node'] ?? '';
  const told = new Set(rowsOf('usual:ready').map(nameOf));
  const nodes = new Set([
    ...usual.flatMap(({ figure }) => rowsOf(figure).filter(({ value }) => value !== 1)).map(nameOf),
    ...rowsOf('kubernetes')
      .map(nameOf)
      .filter((name) => !told.has(name)),
  ]);
  if (nodes.size === 0) return [];
  const named = oneOf('node', [...nodes]);
  const series = scope.select(conditionMetric, ...(named === null ? [] : [named]));
  const expr = `max by (node, condition, status) (${series} == 1)`;
  return [{ group: 'conditions', figures: [{ figure: unusual, expr }], at: end }];
}

/**
 * Status and conditions of a node by the rows of its figures. As kubectl says: a node of which
 * Kubernetes has lost sight is not ready. Where replicas of kube-state-metrics do not agree, what is
 * unusual holds.
 */
export function conditionsOf(
  rowsOf: (figure: string) => readonly Row[],
): Pick<NodeDetail, 'status' | 'conditions'> {
  const conditions: NodeDetail['conditions'] = {};
  for (const { figure, is } of usual) {
    for (const { metric, value } of rowsOf(figure)) {
      if (value === 1) conditions[metric['condition'] ?? ''] = is;
    }
  }
  for (const { metric } of rowsOf(unusual)) {
    const name = metric['condition'] ?? '';
    const status = statuses[metric['status'] ?? ''];
    const isUsual = status === (name === ready ? 'True' : 'False');
    if (status !== undefined && !(isUsual && name in conditions)) conditions[name] = status;
  }
  const isTold = ready in conditions || rowsOf('usual:ready').length > 0;
  if (!isTold) return { status: 'Unknown', conditions };
  return { status: conditions[ready] === 'True' ? 'Ready' : 'NotReady', conditions };
}
