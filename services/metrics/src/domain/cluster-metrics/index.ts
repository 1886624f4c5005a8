import type { ClusterId, ClusterMetrics, MetricsQuery } from '@bud-monitoring/contracts';
import type { Clock, MetricSource, NodeDirectory } from '../../ports.js';
import { settle } from '../settle.js';
import type { ClusterLookup } from '../clusters/cluster-lookup.js';
import type { ClusterName } from '../clusters/cluster-name.js';
import { selectionOf, type Selection } from '../metrics/index.js';
import { mountpointFigure } from '../metrics/storage.js';
import { isReporting, warnOfFuture } from '../nodes/heartbeats.js';
import {
  createImplausibleValues,
  plausibleFigures,
  type ImplausibleValues,
} from '../nodes/implausible-values.js';
import type { Node } from '../nodes/inventory.js';
import { warnOfIdentity } from '../nodes/read-inventory.js';
import type { FigureReader } from '../promql/figure.js';
import type { Grid } from '../promql/grid.js';
import { isPartial, warningsOfNotes, withNotes } from '../promql/store-notes.js';
import type { Probe } from '../targets/probe.js';
import { alignedPoints, resolveWindow, unfinishedStep, type Window } from '../time/window.js';
import { createWarnings } from '../warnings.js';
import { gpusOf } from './aggregate/gpu.js';
import { createPresenceOf } from './aggregate/presence.js';
import { aggregateNodes } from './aggregate/node-figures.js';
import { filterNodes } from './aggregate/node-filter.js';
import { reader } from './aggregate/node-table.js';
import { powerOf } from './aggregate/power.js';
import { readInference } from './inference/read.js';
import { inferenceOf } from './inference/respond.js';
import { inferenceTrends } from './inference/trends.js';
import { readCluster, seriesNodes } from './read/cluster-readings.js';
import { findLastSeen } from './read/last-seen.js';
import { coverageOf, newestHeard } from './respond/coverage.js';
import { toResponse, type ClusterFigures } from './respond/response.js';
import { warnOfFailures, warnOfNodes } from './respond/warnings.js';

export interface ClusterMetricsOptions {
  source: MetricSource;
  directory: NodeDirectory;
  /** Finds out what a cluster has; remembers it for a while. */
  probe(cluster: ClusterId, window: Window, signal: AbortSignal): Promise<Probe>;
  clusterLookup: ClusterLookup;
  clusterName: ClusterName;
  clock: Clock;
  /** Whether an error says that the store is away, not that it cannot answer a request. */
  isAway(error: unknown): boolean;
  /** Whether it says that a request took the store too long. */
  readonly isSlow: (error: unknown) => boolean;
}

export interface MetricsAnswer {
  readonly data: ClusterMetrics;
  /** Whether nothing failed. */
  readonly complete: boolean;
}

/** Answers what a cluster and its nodes are doing, in a fixed number of requests. */
export function createClusterMetrics(options: ClusterMetricsOptions) {
  const { directory, clusterLookup, clusterName, clock } = options;
  return async function clusterMetrics(
    cluster: ClusterId,
    query: MetricsQuery,
    signal: AbortSignal,
  ): Promise<MetricsAnswer> {
    const now = clock.now();
    const window = resolveWindow(query, now);
    const isFiltered = query.node !== undefined;
    const selection = selectionOf(query.metric_type, isFiltered);
    const listing = settle(directory.nodes(cluster, signal));
    const probing = settle(options.probe(cluster, window, signal));
    const probe = await clusterLookup.check(cluster, { probing, listing, window, signal });
    const { source, notes } = withNotes(options.source, probe.notes);

    const warnings = createWarnings();
    const request = {
      probe,
      window,
      selection,
      query,
      now: Math.floor(now / 1000),
      isSlow: options.isSlow,
      signal,
    };
    const [readings, inference] = await Promise.all([
      readCluster(source, request),
      readInference(source, request),
    ]);
    // What was read before the store went is less exact, or of the past: the last good answer is better.
    const unread = [readings.now, ...readings.means, readings.series]
      .flatMap((results) => results?.failures ?? [])
      .find(({ error }) => options.isAway(error));
    if (unread !== undefined) throw unread.error;
    const listed = await listing;
    const nodeFigures = await aggregateNodes(readings, listed, window);
    const { identity, inventory } = nodeFigures;
    const grid = readings.series === null ? null : gridOf(window);
    const series = grid === null ? null : { range: readings.series?.range ?? new Map(), grid };
    const implausible = createImplausibleValues();
    for (const { metric, told } of readings.implausible)
      for (const instance of told) {
        const node = inventory.ofInstance(instance, true);
        if (node !== null) implausible.add(metric.name, node);
      }
    // These may add nodes that no other metric names.
    const power = selection.power
      ? await powerOf({ ...nodeFigures, series }, { inventory, implausible })
      : null;
    const gpus =
      selection.gpuVendors.length > 0
        ? await gpusOf(
            { ...nodeFigures, now: readings.now.instant, series },
            { inventory, implausible },
          )
        : null;

    const nodes = filterNodes(inventory, query.node, warnings);
    const read = (node: Node) => reader(nodeFigures.now, node);
    const silent = new Set(nodes.filter((node) => !isReporting(read(node))));
    const heard = newestHeard(readings);
    const isHeard = heard !== null;
    const lastSeen = await findLastSeen(source, { probe, window, silent, isHeard, signal });
    const workloads = (field: string) =>
      readings.now.instant.get(`workloads:${field}`)?.[0]?.value ?? null;
    const figures: ClusterFigures = {
      selection,
      nodes,
      everyNode: inventory.nodes,
      filtered: isFiltered,
      now: reportedFigures(read, { selection, silent, implausible }),
      window: nodeFigures.window,
      previous: nodeFigures.previous,
      presence: {
        window: createPresenceOf(nodeFigures.window),
        previous: createPresenceOf(nodeFigures.previous),
      },
      series: series && { ...series, form: query.series === 'columns' ? 'columns' : 'points' },
      power,
      gpus,
      workloads: selection.workloads && !isFiltered ? workloads : null,
      lastSeen: lastSeen.times,
      silent,
      implausible,
      mountpoints: new Map(
        (readings.now.instant.get(mountpointFigure) ?? []).map(({ metric }) => [
          metric['instance'] ?? '',
          metric['mountpoint'] ?? '',
        ]),
      ),
      heldSince: identity.heldSince,
    };
    if (readings.seriesLeftOut) {
      const how = 'ask for them with series=true or series=columns';
      warnings.add('series_off', `Series are left out above ${seriesNodes} nodes; ${how}`);
    }
    if (probe.names.size === 0) {
      warnings.add('no_metrics', 'The store has no metric of this cluster that is known here');
    } else if (nodes.length === 0 && !isFiltered && selection.type !== 'inference') {
      warnings.add('no_data', 'There is no data of any node in the window');
    }
    warnOfNodes(nodes, silent, warnings);
    warnOfIdentity(identity, {
      clusterLabels: probe.clusterLabels,
      nodes,
      start: window.start,
      keyOf: ({ key }) => key,
      warnings,
    });
    // What is later than a window of the past is no future.
    if (window.end * 1000 > now - 1000)
      warnOfFuture(
        nodes.map((node) => [node.key, read(node)]),
        window.end,
        warnings,
      );
    const complete = warnOfFailures({ ...readings, inference }, lastSeen.failed, listed, warnings);
    for (const { code, message } of warningsOfNotes(notes)) warnings.add(code, message);
    const response = await toResponse(figures, warnings);
    if (inference !== null)
      response.cluster_summary.inference = await inferenceOf(
        {
          now: inference.now.instant,
          before: inference.before.instant,
          trends: await inferenceTrends(nodeFigures, series),
          form: figures.series?.form ?? 'points',
        },
        warnings,
      );
    else if (selection.type === 'inference')
      warnings.add('no_data', 'There is no data for inference', { metric: 'inference' });
    implausible.warn(nodes, ({ key }) => key, warnings);
    const { start, end, step, previous } = window;
    return {
      data: {
        ...response,
        timestamp: new Date(now).toISOString(),
        time_range: window.name,
        cluster_id: cluster,
        cluster_name: await clusterName(cluster, signal),
        metric_type: query.metric_type,
        window: { start, end, step, previous },
        coverage: coverageOf({ nodes, silent, newest: heard ?? lastSeen.newest, end }),
        warnings: [...warnings.list],
      },
      complete: complete && !isPartial(notes),
    };
  };
}

export type ClusterMetricsService = ReturnType<typeof createClusterMetrics>;

/** Figures at the end: none of a node that does not report, and none that cannot be. */
function reportedFigures(
  read: (node: Node) => FigureReader,
  of: { selection: Selection; silent: ReadonlySet<Node>; implausible: ImplausibleValues },
): (node: Node) => FigureReader {
  const { selection, silent, implausible } = of;
  const readers = new Map<Node, FigureReader>();
  const readerOf = (node: Node): FigureReader =>
    silent.has(node)
      ? () => null
      : plausibleFigures(node, read(node), { metrics: selection.nodeMetrics, implausible });
  return (node) => {
    const reader = readers.get(node) ?? readerOf(node);
    readers.set(node, reader);
    return reader;
  };
}

/** The points of the series; none where the window holds no multiple of the step. */
function gridOf(window: Window): Grid {
  const { start, step } = window;
  const points = alignedPoints(window) ?? { start: Math.ceil(start / step) * step, count: 0 };
  const rest = unfinishedStep(window);
  const { count } = points;
  return rest === null
    ? { start: points.start, step, count }
    : { start: points.start, step, count: count + 1, end: rest.end };
}
