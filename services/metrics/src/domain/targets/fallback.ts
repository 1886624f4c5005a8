import type { FallbackFigure } from './probe.js';

/**
 * Counts the nodes, identified by the labels `by`, that had the metric (selected by `own`) in the `rangeMs`
 * before but none of `better`.
 */
export function fallbackFigure(
  metric: string,
  of: { own: string; better: readonly string[]; by: string; rangeMs: number },
): FallbackFigure {
  const { own, better, by, rangeMs } = of;
  const nodes = (selected: string) =>
    `count by (${by}) (last_over_time(${selected}[${rangeMs}ms]))`;
  const expr = `count(${nodes(own)} unless on (${by}) (${better.map(nodes).join(' or ')}))`;
  return { metric, figure: { figure: `alone:${metric}`, expr } };
}
