import type { ClusterId, ClusterMetrics, MetricsQuery } from '@bud-monitoring/contracts';
import type { Clock, DirectoryNode, MetricSource, NodeDirectory } from '../../ports.js';
import { heartbeatOf, nodeFamily } from '../catalogue/exporter.js';
import { selectionOf, type Selection } from '../catalogue/index.js';
import { asked, type Asked } from '../existence/decide.js';
import type { Existing } from '../existence/existing.js';
import { canonical } from '../nodes/address.js';
import { isReporting, rateFactor } from '../nodes/reporting.js';
import { createRoster, hostnameOf, type Node, type Roster } from '../nodes/roster.js';
import { collect, figuresAt, type Collected } from '../store/collect.js';
import { splitRangeRows } from '../store/figure.js';
import type { Probe } from '../store/probe.js';
import { shortestRateMs } from '../store/tiles.js';
import { alignedPoints, day, resolveWindow, type Span, type Window } from '../time/window.js';
import { createWarnings, type Warnings } from '../warnings.js';
import { assemble, type Measured } from './assemble.js';
import { gpusOf } from './gpu.js';
import type { Piece } from './means.js';
import { planLastSeen, planMeans, planNow, planSeries, type MeanPiece } from './plan.js';
import { powerOf, type PowerPiece } from './power.js';
import { reader, tableOf } from './tables.js';

export interface ClusterMetricsOptions {
  source: MetricSource;
  directory: NodeDirectory;
  /** Finds out what a cluster has; remembers it for a while. */
  probe(cluster: ClusterId, window: Window, signal: AbortSignal): Promise<Probe>;
  existing: Existing;
  clock: Clock;
}

export interface MetricsAnswer {
  readonly data: ClusterMetrics;
  /** Whether nothing that was asked for failed. */
  readonly complete: boolean;
}

/** Up to so many nodes an answer carries series unless told otherwise. */
const seriesNodes = 50;

/** Most instances that are named in one expression. */
const mostInstances = 200;

/** Answers what a cluster and its nodes are doing, in a fixed number of requests. */
export function createClusterMetrics(options: ClusterMetricsOptions) {
  const { source, directory, existing, clock } = options;
  return async function clusterMetrics(
    cluster: ClusterId,
    query: MetricsQuery,
    signal: AbortSignal,
  ): Promise<MetricsAnswer> {
    const now = clock.now();
    const window = resolveWindow(query, now);
    const selection = selectionOf(query.metric_type);
    const listing = asked(directory.nodes(cluster, signal));
    const probing = asked(options.probe(cluster, window, signal));
    const probe = await existing.check(cluster, { probing, listing, window, signal });

    const warnings = createWarnings();
    const collected = await collectAll(source, probe, window, selection, query, signal);
    const listed = await listing;
    const nodes = nodesOf(collected, listed, window);
    const { roster, now: nowTable } = nodes;
    const wanted = filterNodes(roster, query.node, warnings);
    const read = (node: Node) => reader(nowTable, node);
    const lastSeen = await findLastSeen(source, probe, window, wanted, read, signal);
    const series = collected.series;
    const grid = series === null ? null : gridOf(window);
    const ranged = series === null || grid === null ? null : { range: series.range, grid };
    const form = query.series === 'columns' ? ('columns' as const) : ('points' as const);
    const silent = new Set(wanted.filter((node) => !isReporting(read(node))));
    const measured: Measured = {
      selection,
      nodes: wanted,
      everyNode: roster.nodes,
      filtered: query.node !== undefined,
      now: mended(read, selection, probe, window),
      window: nodes.window,
      previous: nodes.previous,
      series: ranged && { ...ranged, form },
      power: selection.power
        ? powerOf(nodes.windowPower, nodes.previousPower, ranged, roster)
        : null,
      gpus:
        selection.gpuVendors.length > 0
          ? gpusOf(collected.now.moment, nodes.windowPower, nodes.previousPower, ranged, roster)
          : null,
      workloads:
        selection.workloads && query.node === undefined
          ? (field) => collected.now.moment.get(`workloads:${field}`)?.[0]?.value ?? null
          : null,
      lastSeen: lastSeen.times,
      silent,
    };
    if (collected.seriesLeftOut) {
      warnings.add(
        'series_off',
        `Series are left out above ${seriesNodes} nodes; ask for them with series=true or series=columns`,
      );
    }
    warnOfNodes(wanted, silent, lastSeen.times, warnings);
    const complete = warnOfFailures(collected, lastSeen.failed, listed, warnings);
    return {
      data: {
        ...assemble(measured, warnings),
        timestamp: new Date(now).toISOString(),
        time_range: window.name,
        cluster_id: cluster,
        metric_type: query.metric_type,
        window: {
          start: window.start,
          end: window.end,
          step: window.step,
          previous: window.previous,
        },
        coverage: {
          nodes_expected: wanted.length,
          nodes_reporting: wanted.length - silent.size,
          newest_sample_age_seconds: newestAge(collected, lastSeen.times, window),
        },
        warnings: [...warnings.list],
      },
      complete,
    };
  };
}

export type ClusterMetricsService = ReturnType<typeof createClusterMetrics>;

interface CollectedAll {
  readonly now: Collected;
  readonly means: readonly { readonly piece: MeanPiece; readonly collected: Collected }[];
  readonly series: Collected | null;
  readonly seriesLeftOut: boolean;
}

async function collectAll(
  source: MetricSource,
  probe: Probe,
  window: Window,
  selection: Selection,
  query: MetricsQuery,
  signal: AbortSignal,
): Promise<CollectedAll> {
  const asking = collect(source, planNow(probe, window, selection), signal);
  const meaning = planMeans(probe, window, selection).pieces.map(async (piece) => ({
    piece,
    collected: await collect(source, piece.queries, signal),
  }));
  const series = async (): Promise<'left out' | Collected | null> => {
    if (query.series === 'false') return null;
    if (query.series === undefined) {
      // Who is there decides, so this waits for it; it is the cheapest of all requests.
      const known = countNodes(await asking);
      const kept = query.node === undefined ? known : Math.min(known, query.node.length);
      if (kept > seriesNodes) return 'left out';
    }
    return collect(source, planSeries(probe, window, selection), signal);
  };
  const [now, ranged, ...means] = await Promise.all([asking, series(), ...meaning]);
  const all = [now, ...means.map(({ collected }) => collected)];
  const failed = all.flatMap(({ failures }) => failures);
  const sent = all.reduce((sum, one) => sum + one.asked, 0);
  // Nothing useful is left: the caller is told why.
  if (sent > 0 && failed.length === sent) throw failed[0]?.error;
  return {
    now,
    means,
    series: ranged === 'left out' ? null : ranged,
    seriesLeftOut: ranged === 'left out',
  };
}

function countNodes({ moment }: Collected): number {
  return Math.max(moment.get('replicas')?.length ?? 0, moment.get('kubernetes')?.length ?? 0);
}

/** Who is there, and what was measured of each, by window. */
function nodesOf(
  { now, means }: CollectedAll,
  listed: Asked<readonly DirectoryNode[]>,
  window: Window,
) {
  const roster = createRoster();
  for (const { metric } of now.moment.get('uname') ?? []) {
    roster.addInstance(metric['instance'] ?? '', metric['nodename'] ?? null, true);
  }
  const nowTable = tableOf(now.moment, roster, true);
  const window_: Piece[] = [];
  const previous: Piece[] = [];
  const windowPower: PowerPiece[] = [];
  const previousPower: PowerPiece[] = [];
  for (const { span, figures, failed } of eachPiece(means)) {
    const current = span.end > window.start;
    // The day in which the one window ends and the other begins is measured by its edges.
    if (current ? span.start < window.start && span.end - span.start === day : false) continue;
    (current ? windowPower : previousPower).push({ span, figures });
    (current ? window_ : previous).push({
      span,
      table: tableOf(figures, roster, current),
      coveredByAny: failed ? null : (figures.get('covered:cluster')?.[0]?.value ?? null),
    });
  }
  for (const { metric } of now.moment.get('kubernetes') ?? []) {
    roster.addKubernetes(metric['node'] ?? '', metric['internal_ip'] || null);
  }
  if ('answer' in listed) {
    for (const { name, internalIp } of listed.answer) roster.addListed(name, internalIp);
  }
  return { roster, now: nowTable, window: window_, previous, windowPower, previousPower };
}

function eachPiece(means: CollectedAll['means']) {
  return means.flatMap(({ piece, collected }) => {
    const failed = collected.failures.length > 0;
    if (!piece.daily) return [{ span: piece.span, figures: collected.moment, failed }];
    const days: { span: Span; figures: Collected['moment']; failed: boolean }[] = [];
    for (let end = piece.span.start + day; end <= piece.span.end; end += day) {
      const figures = figuresAt(collected.range, end);
      days.push({ span: { start: end - day, end }, figures, failed });
    }
    return days;
  });
}

/** The nodes of the answer: those of the window, or those of them that were asked for. */
function filterNodes(
  roster: Roster,
  filter: readonly string[] | undefined,
  warnings: Warnings,
): Node[] {
  const current = roster.nodes.filter((node) => node.current);
  if (filter === undefined) return current;
  const names = (node: Node) =>
    [node.key, node.address, node.name, node.nodename].map((name) => name?.toLowerCase());
  const matches = (node: Node, wanted: string) =>
    names(node).includes(wanted.toLowerCase()) || node.address === canonical(wanted);
  const unknown = filter.filter((wanted) => !current.some((node) => matches(node, wanted)));
  warnings.add('node_unknown', 'These nodes are not known in the window', { nodes: unknown });
  return current.filter((node) => filter.some((wanted) => matches(node, wanted)));
}

/** Figures at the end: none of a node that does not report, and rates mended where it came or went. */
function mended(
  read: (node: Node) => ReturnType<typeof reader>,
  selection: Selection,
  probe: Probe,
  { end }: Window,
) {
  const intervalMs = probe.intervalMs(nodeFamily, end);
  const rateMs = shortestRateMs(intervalMs);
  const rates = new Set(
    selection.nodeMetrics.flatMap(({ quantities }) => quantities.flatMap((one) => one.rates)),
  );
  return (node: Node) => {
    const own = read(node);
    if (!isReporting(own)) return () => null;
    const factor = rateFactor(own, { end, rateMs, intervalMs });
    return (figure: string) => {
      const value = own(figure);
      return value === null || !rates.has(figure) ? value : value * factor;
    };
  };
}

async function findLastSeen(
  source: MetricSource,
  probe: Probe,
  window: Window,
  nodes: readonly Node[],
  read: (node: Node) => ReturnType<typeof reader>,
  signal: AbortSignal,
): Promise<{ times: Map<Node, number>; failed: unknown }> {
  const times = new Map<Node, number>();
  const silent = new Map<string, Node>();
  for (const node of nodes) {
    if (node.instance !== null && !isReporting(read(node))) silent.set(node.instance, node);
  }
  const instances = silent.size > mostInstances ? undefined : [...silent.keys()];
  const heartbeat = heartbeatOf(probe.scope, instances);
  if (silent.size === 0 || heartbeat === null) return { times, failed: null };
  const plan = planLastSeen(window, probe.intervalMs(nodeFamily, window.end), heartbeat);
  try {
    const { series } = await source.queryRange(plan.expr, plan.at, signal);
    for (const row of splitRangeRows(series).get('') ?? []) {
      const node = silent.get(row.metric['instance'] ?? '');
      const newest = row.values.filter(Number.isFinite).at(-1);
      if (node !== undefined && newest !== undefined) times.set(node, newest);
    }
    return { times, failed: null };
  } catch (failed) {
    return { times, failed };
  }
}

function gridOf(window: Window) {
  const points = alignedPoints(window);
  return points && { start: points.start, step: window.step, count: points.count };
}

function newestAge(
  { now }: CollectedAll,
  lastSeen: ReadonlyMap<Node, number>,
  { end }: Window,
): number | null {
  const heard = [...(now.moment.get('heard') ?? []), ...(now.moment.get('heard:kubernetes') ?? [])];
  const newest = Math.max(...heard.map(({ value }) => value), ...lastSeen.values());
  return Number.isFinite(newest) ? Math.max(0, Math.round(end - newest)) : null;
}

function warnOfNodes(
  nodes: readonly Node[],
  silent: ReadonlySet<Node>,
  lastSeen: ReadonlyMap<Node, number>,
  warnings: Warnings,
): void {
  const keys = (of: (node: Node) => boolean) => nodes.filter(of).map(({ key }) => key);
  warnings.add('node_not_reporting', 'No sample in the 5 minutes before the end of the window', {
    nodes: keys((node) => silent.has(node) && node.instance !== null),
  });
  warnings.add('node_exporter_missing', 'No node-exporter was seen in the window', {
    nodes: keys((node) => silent.has(node) && node.instance === null),
  });
  void lastSeen;
  void hostnameOf;
}

function warnOfFailures(
  { now, means, series }: CollectedAll,
  lastSeenFailed: unknown,
  listed: Asked<unknown>,
  warnings: Warnings,
): boolean {
  const groups = new Map<string, string>();
  const note = (what: string, collected: Collected | null) => {
    for (const { group } of collected?.failures ?? []) groups.set(`${what} of ${group}`, group);
  };
  note('figures', now);
  for (const { collected } of means) note('means', collected);
  note('series', series);
  for (const what of groups.keys()) {
    warnings.add('query_failed', `The store could not answer: ${what}`);
  }
  if (lastSeenFailed !== null) {
    warnings.add('query_failed', 'The store could not answer: when silent nodes were last seen');
  }
  if ('failed' in listed) {
    warnings.add('bud_cluster_unavailable', 'bud-cluster could not be asked which nodes there are');
  }
  const notes = new Set(
    [now, series, ...means.map(({ collected }) => collected)].flatMap((one) => one?.notes ?? []),
  );
  for (const text of notes) warnings.add('store_note', text);
  return groups.size === 0 && lastSeenFailed === null && !('failed' in listed);
}
