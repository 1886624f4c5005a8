import type { Figure } from '../promql/figure.js';

/** How many nodes have nothing better than a metric: where none does, it is not read. */
export interface AloneFigure {
  readonly metric: string;
  readonly figure: Figure;
}

/** Counts the nodes, told apart `by` labels, that have `own` in the `rangeMs` before but none of `better`. */
export function aloneFigure(
  metric: string,
  of: { own: string; better: readonly string[]; by: string; rangeMs: number },
): AloneFigure {
  const { own, better, by, rangeMs } = of;
  const nodes = (selected: string) =>
    `count by (${by}) (last_over_time(${selected}[${rangeMs}ms]))`;
  const expr = `count(${nodes(own)} unless on (${by}) (${better.map(nodes).join(' or ')}))`;
  return { metric, figure: { figure: `alone:${metric}`, expr } };
}
