import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource, Row } from '../../ports.js';
import { createClusterOf } from '../promql/cluster-label.js';
import type { Figure } from '../promql/figure.js';
import { queryFigures } from '../promql/queries.js';
import { leftOpenRange } from '../promql/range-selector.js';
import type { Scope } from '../promql/scope.js';
import { lookbackMs } from '../targets/instant-reading.js';
import { day } from '../time/time-range.js';
import type { NodeInventory } from './inventory.js';
import { goneFigure, nodeInfoMetrics, type NodeInfoMetric } from './node-info.js';
import { readInventory } from './read-inventory.js';

/**
 * The nodes of the clusters of a scope, in one request: those that are there, and with `ofTheDay` those that were
 * there in the last day too. Throws what the store throws.
 */
export async function readInventories(
  source: Pick<MetricSource, 'query'>,
  request: {
    readonly scope: Scope;
    readonly ofTheDay: boolean;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<ReadonlyMap<ClusterId, NodeInventory>> {
  const { scope, ofTheDay, at, signal } = request;
  const figuresOf = (info: NodeInfoMetric): Figure[] => {
    const seenIn = (rangeMs: number) => {
      const last = `last_over_time(${scope.select(info.metric)}${leftOpenRange(rangeMs)})`;
      return `max by (cluster, ${info.labels}) (${last})`;
    };
    // An address is that of who holds it, whoever had it in the day.
    const gone = { figure: goneFigure(info.figure), expr: seenIn(day * 1000) };
    return [{ figure: info.figure, expr: seenIn(lookbackMs) }, ...(ofTheDay ? [gone] : [])];
  };
  const { figures } = await queryFigures(source, nodeInfoMetrics.flatMap(figuresOf), {
    at,
    signal,
  });
  const byCluster = new Map<ClusterId, Map<string, Row[]>>();
  const clusterOf = createClusterOf();
  for (const [figure, rows] of figures) {
    for (const row of rows) {
      const cluster = clusterOf(row.metric);
      if (cluster === null) continue;
      const own = byCluster.get(cluster) ?? new Map<string, Row[]>();
      byCluster.set(cluster, own);
      const known = own.get(figure);
      if (known === undefined) own.set(figure, [row]);
      else known.push(row);
    }
  }
  return new Map(
    [...byCluster].map(([cluster, own]) => [
      cluster,
      readInventory(own, { answer: [] }, 0).inventory,
    ]),
  );
}
