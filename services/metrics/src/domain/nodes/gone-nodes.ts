import type { LabelMatcher } from '@bud-monitoring/promql';
import type { MetricSource } from '../../ports.js';
import { maxNamesLength } from '../promql/expression-limit.js';
import { matchAnyOf } from '../promql/matchers.js';
import { runQueries, type QueryResults } from '../promql/queries.js';
import { leftOpenRange } from '../promql/range-selector.js';
import type { Scope } from '../promql/scope.js';
import { lookbackMs } from '../targets/instant-reading.js';
import { indexKey } from '../targets/probe.js';
import { day, type TimeRange } from '../time/time-range.js';
import {
  goneFigure,
  nodeInfoFigure,
  nodeInfoOf,
  type NodeInfoLabel,
  type NodeInfoMetric,
} from './node-info.js';

/** A cluster, and its nodes in the window by the store's index, by node info metric and label. */
interface IndexedNodes {
  readonly scope: Scope;
  readonly indexedNodes: ReadonlyMap<string, readonly string[]>;
}

/** Most characters of node names in a matcher: quoting doubles their backslashes, hence the rest. */
const maxLength = maxNamesLength({ occurrences: 4, rest: 5_184 });

/** Matches these nodes; `null` where they are too many to name. */
export function matchNodes(
  label: NodeInfoLabel | 'exported_node',
  nodes: readonly string[],
): LabelMatcher | null {
  const matcher = matchAnyOf(label, nodes);
  return matcher.value.length > maxLength ? null : matcher;
}

/**
 * Adds to the live nodes those of a range that are gone: the store's index tells without reading a
 * sample whether there are any. They are figures of their own.
 */
export async function withGoneNodes(
  live: QueryResults,
  source: MetricSource,
  about: {
    probe: IndexedNodes;
    range: TimeRange;
    /** Unix seconds: who held an address before is looked for from then on. */
    since?: number;
    signal: AbortSignal;
  },
): Promise<QueryResults> {
  const { probe, range, since = range.start, signal } = about;
  const goneOf = (info: NodeInfoMetric, label: NodeInfoLabel) => {
    const rows = live.instant.get(info.figure) ?? [];
    const here = new Set(rows.map(({ metric }) => metric[label]));
    const indexed = probe.indexedNodes.get(indexKey(info.metric, label)) ?? [];
    return indexed.filter((name) => !here.has(name));
  };
  const figures = nodeInfoOf(probe.scope).flatMap((info) => {
    const found = info.keys.flatMap((label) => {
      const gone = goneOf(info, label);
      const own = label === 'nodename' ? { start: since, end: range.end } : range;
      return gone.length === 0
        ? []
        : [goneNodesFigure(probe.scope, info, { label, gone, range: own })];
    });
    if (found.length === 0) return [];
    return [{ figure: goneFigure(info.figure), expr: found.join(' or ') }];
  });
  if (figures.length === 0) return live;
  const query = { group: 'nodes that are gone', figures, at: range.end };
  const found = await runQueries(source, [query], signal);
  return {
    ...live,
    instant: new Map([...live.instant, ...found.instant]),
    failures: [...live.failures, ...found.failures],
    sent: live.sent + found.sent,
  };
}

function goneNodesFigure(
  scope: Scope,
  info: NodeInfoMetric,
  of: {
    label: NodeInfoLabel;
    gone: readonly string[];
    range: TimeRange;
  },
): string {
  const { label, gone, range } = of;
  const rangeMs = Math.max(lookbackMs, (range.end - range.start) * 1000);
  const named = matchNodes(label, gone);
  if (named !== null) {
    const own = scope.select(info.metric, named);
    const last = nodeInfoFigure(info, `last_over_time(${own}${leftOpenRange(rangeMs)})`);
    // The time, too: of two label sets of a node the newer one holds.
    const inRange = `timestamp(${own}) > ${range.end - rangeMs / 1000}`;
    const newest = nodeInfoFigure(info, `max_over_time((${inRange})[${rangeMs}ms:5m])`);
    return `(${newest.expr} or ${last.expr})`;
  }
  // Too many to name, and a month of all nodes too much to read: the last day, and the beginning.
  const all = scope.select(info.metric);
  const recent = `last_over_time(${all}${leftOpenRange(Math.min(rangeMs, day * 1000))})`;
  const before = `last_over_time(${all}${leftOpenRange(lookbackMs)} offset ${rangeMs}ms)`;
  return nodeInfoFigure(info, rangeMs > day * 1000 ? `${recent} or ${before}` : recent).expr;
}
