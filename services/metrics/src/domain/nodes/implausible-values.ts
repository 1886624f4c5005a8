import type { MetricName } from '@bud-monitoring/contracts';
import type { FigureReader } from '../promql/figure.js';
import type { Warnings } from '../warnings.js';
import type { Node } from './inventory.js';

/** A metric that says which of its figures of a node cannot be, read together. */
export interface JudgedMetric {
  readonly name: MetricName;
  completed?(read: FigureReader): FigureReader;
  implausible(read: FigureReader): readonly string[];
}

/** Which nodes have values that cannot be, by metric. */
export interface ImplausibleValues {
  add(metric: MetricName, node: Node): void;
  has(metric: MetricName, node: Node): boolean;
  /** Names them, of those nodes. */
  warn(nodes: readonly Node[], keyOf: (node: Node) => string, warnings: Warnings): void;
}

/** None yet. */
export function createImplausibleValues(): ImplausibleValues {
  const found = new Map<MetricName, Set<Node>>();
  return {
    add: (metric, node) => void found.set(metric, (found.get(metric) ?? new Set()).add(node)),
    has: (metric, node) => found.get(metric)?.has(node) === true,
    warn(nodes, keyOf, warnings) {
      for (const [metric, own] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
        warnings.add('implausible_value', `Values of ${metric} cannot be, and do not count`, {
          metric,
          nodes: nodes.filter((node) => own.has(node)).map(keyOf),
        });
      }
    },
  };
}

/** Reads the figures of a node, completed, but for those that, together, cannot be. */
export function plausibleFigures(
  node: Node,
  incomplete: FigureReader,
  { metrics, implausible }: { metrics: readonly JudgedMetric[]; implausible: ImplausibleValues },
): FigureReader {
  const dropped = new Set<string>();
  const read = metrics.reduce((own, metric) => metric.completed?.(own) ?? own, incomplete);
  for (const metric of metrics) {
    const figures = metric.implausible(read);
    if (figures.length > 0) implausible.add(metric.name, node);
    for (const figure of figures) dropped.add(figure);
  }
  return dropped.size === 0 ? read : (figure) => (dropped.has(figure) ? null : read(figure));
}
