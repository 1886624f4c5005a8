import { escapeRegex, type LabelMatcher } from '@bud-monitoring/promql';
import type { MetricSource, Row } from '../../ports.js';
import { collect, withEarlier, type Collected } from '../promql/queries.js';
import type { Figure } from '../promql/figure.js';
import { freshMs, type Moment } from '../targets/range-aggregation.js';
import type { Scope } from '../promql/scope.js';
import { openRange } from '../targets/aligned-blocks.js';
import { day, type Span } from '../time/window.js';

/** A metric that tells of nodes by its labels alone, one value of `key` for each node. */
interface NodeList {
  readonly figure: string;
  readonly metric: string;
  readonly key: 'instance' | 'node';
  readonly labels: string;
}

const kubernetesNode = 'kube_node_info';

export const nodeLists: readonly NodeList[] = [
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

/** What is known of a cluster: of each such metric who was in the window by the index of the store. */
interface Listing {
  readonly scope: Scope;
  readonly listed: ReadonlyMap<string, readonly string[]>;
}

/** Most characters of names in a matcher: up to four of them stand in an expression of 16 kB. */
const mostNames = 2800;

/** Who is there, seen in the 5 minutes before the end, and when Kubernetes was heard of. */
export function presentFigures(scope: Scope, moment: Moment): Figure[] {
  const figures = listsOf(scope).map((list) =>
    seen(list, moment.latest(scope.select(list.metric))),
  );
  if (scope.has(kubernetesNode)) {
    const expr = `max(timestamp(${scope.select(kubernetesNode)}))`;
    figures.push({ figure: 'heard:kubernetes', expr });
  }
  return figures;
}

/**
 * Adds to `present` who was there in a span and is not any more: the index tells without reading a
 * sample whether there is anyone to ask for. What is known of those comes first, so that newer label
 * sets of a node hold.
 */
export async function withGone(
  present: Collected,
  source: MetricSource,
  { probe, span, signal }: { probe: Listing; span: Span; signal: AbortSignal },
): Promise<Collected> {
  const figures = listsOf(probe.scope).flatMap((list) => {
    const rows = present.moment.get(list.figure) ?? [];
    const here = new Set(rows.map(({ metric }) => metric[list.key]));
    const gone = (probe.listed.get(list.metric) ?? []).filter((name) => !here.has(name));
    return gone.length === 0 ? [] : [goneFigure(probe.scope, list, { gone, span })];
  });
  if (figures.length === 0) return present;
  const query = { group: 'nodes that are gone', figures, at: span.end };
  const found = await collect(source, [query], signal);
  const oldestFirst = (rows: readonly Row[]) => [...rows].sort((a, b) => a.value - b.value);
  const moment = new Map([...found.moment].map(([figure, rows]) => [figure, oldestFirst(rows)]));
  return withEarlier(present, { ...found, moment });
}

/** Matches these names; `null` where they are too many to name. */
export function oneOf(label: string, names: readonly string[]): LabelMatcher | null {
  const value = names.map(escapeRegex).join('|');
  return value.length > mostNames ? null : { label, op: '=~', value };
}

function listsOf(scope: Scope): NodeList[] {
  return nodeLists.filter(({ metric }) => scope.has(metric));
}

function seen({ figure, labels }: NodeList, recent: string): Figure {
  return { figure, expr: `max by (${labels}) (${recent})` };
}

function goneFigure(
  scope: Scope,
  list: NodeList,
  { gone, span }: { gone: readonly string[]; span: Span },
): Figure {
  const spanMs = Math.max(freshMs, (span.end - span.start) * 1000);
  const named = oneOf(list.key, gone);
  if (named !== null) {
    const own = scope.select(list.metric, named);
    const { figure, expr } = seen(list, `last_over_time(${own}${openRange(spanMs)})`);
    // When, too: of two label sets of a node the newer one holds.
    const inside = `timestamp(${own}) > ${span.end - spanMs / 1000}`;
    const when = `max_over_time((${inside})[${spanMs}ms:5m])`;
    return { figure, expr: `(${seen(list, when).expr} or ${expr})` };
  }
  // Too many to name, and a month of everyone too much to read: a day, and the beginning.
  const all = scope.select(list.metric);
  const recent = `last_over_time(${all}${openRange(Math.min(spanMs, day * 1000))})`;
  const before = `last_over_time(${all}${openRange(freshMs)} offset ${spanMs}ms)`;
  return seen(list, spanMs > day * 1000 ? `${recent} or ${before}` : recent);
}
