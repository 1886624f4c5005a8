import type { ClusterId, ClusterMetrics, MetricsQuery } from '@bud-monitoring/contracts';
import type { Clock, MetricSource, NodeDirectory } from '../../ports.js';
import { nodeFamily } from '../targets/node-exporter.js';
import { selectionOf, type Selection } from '../metrics/index.js';
import { asked } from '../existence/decide.js';
import type { Existing } from '../existence/existing.js';
import { isReporting, rateFactor } from '../nodes/heartbeats.js';
import type { Node } from '../nodes/inventory.js';
import type { Probe } from '../targets/probe.js';
import { shortestRateMs } from '../targets/aligned-blocks.js';
import { alignedPoints, resolveWindow, type Window } from '../time/window.js';
import { createWarnings } from '../warnings.js';
import { assemble, type Measured } from './respond/response.js';
import { gather, seriesNodes } from './read/readings.js';
import { gpusOf } from './aggregate/gpu.js';
import { findLastSeen } from './read/last-seen.js';
import { filterNodes, membersOf } from './aggregate/node-figures.js';
import { powerOf } from './aggregate/power.js';
import { coverageOf, warnOfFailures, warnOfNodes } from './respond/coverage.js';
import { reader } from './aggregate/node-table.js';

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
    const gathered = await gather(source, { probe, window, selection, query, signal });
    const listed = await listing;
    const members = membersOf(gathered, listed, window);
    const { roster } = members;
    const grid = gathered.series === null ? null : gridOf(window);
    const series = grid === null ? null : { range: gathered.series?.range ?? new Map(), grid };
    // These may know nodes that nobody else does.
    const of = [members.windowFigures, members.previousFigures, series, roster] as const;
    const power = selection.power ? powerOf(...of) : null;
    const withGpus = selection.gpuVendors.length > 0;
    const gpus = withGpus ? gpusOf(gathered.now.moment, ...of) : null;

    const nodes = filterNodes(roster, query.node, warnings);
    const read = (node: Node) => reader(members.now, node);
    const silent = new Set(nodes.filter((node) => !isReporting(read(node))));
    const lastSeen = await findLastSeen(source, { probe, window, silent, signal });
    const figure = (name: string) => gathered.now.moment.get(name)?.[0]?.value ?? null;
    const whole = query.node === undefined;
    const measured: Measured = {
      ...{ selection, nodes, silent, lastSeen: lastSeen.times, power, gpus },
      everyNode: roster.nodes,
      filtered: !whole,
      now: mended(read, selection, probe, window),
      window: members.window,
      previous: members.previous,
      series: series && { ...series, form: query.series === 'columns' ? 'columns' : 'points' },
      workloads: selection.workloads && whole ? (field) => figure(`workloads:${field}`) : null,
    };
    if (gathered.seriesLeftOut) {
      const how = 'ask for them with series=true or series=columns';
      warnings.add('series_off', `Series are left out above ${seriesNodes} nodes; ${how}`);
    }
    if (probe.names.size === 0) {
      warnings.add('no_metrics', 'The store has no metric of this cluster that is known here');
    }
    warnOfNodes(nodes, silent, warnings);
    const complete = warnOfFailures(gathered, lastSeen.failed, listed, warnings);
    const { start, end, step, previous } = window;
    return {
      data: {
        ...assemble(measured, warnings),
        timestamp: new Date(now).toISOString(),
        time_range: window.name,
        cluster_id: cluster,
        metric_type: query.metric_type,
        window: { start, end, step, previous },
        coverage: coverageOf(gathered, { nodes, silent, lastSeen: lastSeen.times, end }),
        warnings: [...warnings.list],
      },
      complete,
    };
  };
}

export type ClusterMetricsService = ReturnType<typeof createClusterMetrics>;

/** Figures at the end: none of a node that does not report, and rates mended where it came or went. */
function mended(
  read: (node: Node) => ReturnType<typeof reader>,
  selection: Selection,
  probe: Probe,
  { end }: Window,
) {
  const intervalMs = probe.intervalMs(nodeFamily, end);
  const { rates: kind } = probe;
  const rateMs = shortestRateMs(intervalMs);
  const rates = new Set(
    selection.nodeMetrics.flatMap(({ quantities }) => quantities.flatMap((one) => one.rates)),
  );
  return (node: Node) => {
    const own = read(node);
    if (!isReporting(own)) return () => null;
    const factor = rateFactor(own, { end, rateMs, intervalMs, rates: kind });
    return (figure: string) => {
      const value = own(figure);
      return value === null || !rates.has(figure) ? value : value * factor;
    };
  };
}

function gridOf(window: Window) {
  const points = alignedPoints(window);
  return points && { start: points.start, step: window.step, count: points.count };
}
