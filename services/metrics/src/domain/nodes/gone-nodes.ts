import type { LabelMatcher } from '@bud-monitoring/promql';
import type { MetricSource, Row } from '../../ports.js';
import { maxNamesLength } from '../promql/expression-limit.js';
import type { Figure } from '../promql/figure.js';
import { matchAnyOf } from '../promql/matchers.js';
import { mergeResults, runQueries, type QueryResults } from '../promql/queries.js';
import { leftOpenRange } from '../promql/range-selector.js';
import type { Scope } from '../promql/scope.js';
import { lookbackMs } from '../targets/instant-reading.js';
import { day, type TimeRange } from '../time/time-range.js';
import { nodeInfoFigure, nodeInfoOf, type NodeInfoMetric } from './node-info.js';

/** A cluster, and its nodes in the window by the store's index, by node info metric. */
interface IndexedNodes {
  readonly scope: Scope;
  readonly indexedNodes: ReadonlyMap<string, readonly string[]>;
}

/** Most characters of node names in a matcher: quoting doubles their backslashes, hence the rest. */
const maxLength = maxNamesLength({ occurrences: 4, rest: 5_184 });

/** Matches these nodes; `null` where they are too many to name. */
export function matchNodes(
  label: 'instance' | 'node',
  nodes: readonly string[],
): LabelMatcher | null {
  const matcher = matchAnyOf(label, nodes);
  return matcher.value.length > maxLength ? null : matcher;
}

/**
 * Adds to the live nodes those of a range that are gone: the store's index tells without reading a
 * sample whether there are any. Their rows come first, so that newer label sets of a node hold.
 */
export async function withGoneNodes(
  live: QueryResults,
  source: MetricSource,
  { probe, range, signal }: { probe: IndexedNodes; range: TimeRange; signal: AbortSignal },
): Promise<QueryResults> {
  const figures = nodeInfoOf(probe.scope).flatMap((info) => {
    const rows = live.instant.get(info.figure) ?? [];
    const here = new Set(rows.map(({ metric }) => metric[info.key]));
    const gone = (probe.indexedNodes.get(info.metric) ?? []).filter((name) => !here.has(name));
    return gone.length === 0 ? [] : [goneNodesFigure(probe.scope, info, { gone, range })];
  });
  if (figures.length === 0) return live;
  const query = { group: 'nodes that are gone', figures, at: range.end };
  const found = await runQueries(source, [query], signal);
  const oldestFirst = (rows: readonly Row[]) => [...rows].sort((a, b) => a.value - b.value);
  const instant = new Map([...found.instant].map(([figure, rows]) => [figure, oldestFirst(rows)]));
  return mergeResults(live, { ...found, instant });
}

function goneNodesFigure(
  scope: Scope,
  info: NodeInfoMetric,
  { gone, range }: { gone: readonly string[]; range: TimeRange },
): Figure {
  const rangeMs = Math.max(lookbackMs, (range.end - range.start) * 1000);
  const named = matchNodes(info.key, gone);
  if (named !== null) {
    const own = scope.select(info.metric, named);
    const last = nodeInfoFigure(info, `last_over_time(${own}${leftOpenRange(rangeMs)})`);
    // The time, too: of two label sets of a node the newer one holds.
    const inRange = `timestamp(${own}) > ${range.end - rangeMs / 1000}`;
    const newest = nodeInfoFigure(info, `max_over_time((${inRange})[${rangeMs}ms:5m])`);
    return { figure: info.figure, expr: `(${newest.expr} or ${last.expr})` };
  }
  // Too many to name, and a month of all nodes too much to read: the last day, and the beginning.
  const all = scope.select(info.metric);
  const recent = `last_over_time(${all}${leftOpenRange(Math.min(rangeMs, day * 1000))})`;
  const before = `last_over_time(${all}${leftOpenRange(lookbackMs)} offset ${rangeMs}ms)`;
  return nodeInfoFigure(info, rangeMs > day * 1000 ? `${recent} or ${before}` : recent);
}
