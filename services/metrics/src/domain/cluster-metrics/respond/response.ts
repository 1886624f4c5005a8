import type {
  ClusterMetrics,
  MetricName,
  NodeEntry,
  Summary,
  Workloads,
} from '@bud-monitoring/contracts';
import type { Selection } from '../../metrics/index.js';
import type { NodeMetric } from '../../metrics/types.js';
import { workloadFields } from '../../metrics/workloads.js';
import type { ImplausibleValues } from '../../nodes/implausible-values.js';
import { hostnameOf, type Node } from '../../nodes/inventory.js';
import type { HeldSince } from '../../nodes/read-inventory.js';
import { eachInTurns, mapInTurns } from '../../turns/pace.js';
import type { FigureReader, RangeFigures } from '../../promql/figure.js';
import type { Grid } from '../../promql/grid.js';
import { round } from '../../units.js';
import type { Warnings } from '../../warnings.js';
import { changeOf } from '../aggregate/average.js';
import { clusterColumn } from '../aggregate/columns.js';
import type { Gpus } from '../aggregate/gpu.js';
import { meansOf } from '../aggregate/means.js';
import type { PresenceOf } from '../aggregate/presence.js';
import type { WindowPart } from '../aggregate/window-part.js';
import { sumReader } from '../aggregate/node-table.js';
import type { Power } from '../aggregate/power.js';
import { gpuFields } from './gpu.js';
import { nodeColumns } from './node-columns.js';
import { clusterPower, nodePower } from './power.js';
import { toTimeSeries, type SeriesForm } from './time-series.js';

/** The figures of a cluster, by node. */
export interface ClusterFigures {
  readonly selection: Selection;
  /** The nodes of the answer. */
  readonly nodes: readonly Node[];
  /** Those of the window before too: a cluster is compared with all it was. */
  readonly everyNode: readonly Node[];
  /** Whether the nodes are only some of the cluster's. */
  readonly filtered: boolean;
  /** Figures at the end; of a node that does not report there are none. */
  readonly now: (node: Node) => FigureReader;
  readonly window: readonly WindowPart[];
  readonly previous: readonly WindowPart[];
  readonly presence: { readonly window: PresenceOf; readonly previous: PresenceOf };
  readonly series: {
    readonly range: RangeFigures;
    readonly grid: Grid;
    readonly form: SeriesForm;
  } | null;
  readonly power: Power | null;
  readonly gpus: Gpus | null;
  readonly workloads: ((field: keyof Workloads) => number | null) | null;
  readonly lastSeen: ReadonlyMap<Node, number>;
  /** Nodes whose silence is a warning of its own. */
  readonly silent: ReadonlySet<Node>;
  /** Where the data of nodes is that keep it elsewhere than in their root, by instance. */
  readonly mountpoints: ReadonlyMap<string, string>;
  readonly heldSince: HeldSince;
  /** Nodes with values that cannot be: what is found on the way is added. */
  readonly implausible: ImplausibleValues;
}

/** Decimals of a metric's means and series. */
const decimalsOf = (metric: NodeMetric) => (metric.kind === 'share' ? 2 : 3);

/** Nodes and summary of the answer; what is missing is added to the warnings. */
export async function toResponse(
  figures: ClusterFigures,
  warnings: Warnings,
): Promise<Pick<ClusterMetrics, 'nodes' | 'cluster_summary'>> {
  const entries = new Map<Node, NodeEntry>(
    figures.nodes.map((node) => [node, entryOf(node, figures)]),
  );
  const summary: Summary = {};
  for (const metric of figures.selection.nodeMetrics)
    await addMetric(metric, figures, entries, summary);
  const grid = figures.series?.grid ?? null;
  const form = figures.series?.form ?? 'points';
  const { power, gpus, workloads } = figures;
  if (power !== null) {
    await eachInTurns(entries, ([node, entry]) => {
      entry.power = nodePower(power, node, grid, form);
    });
    summary.power = await clusterPower(power, figures.nodes, grid, form);
  }
  if (gpus !== null) {
    const answer = await gpuFields(gpus, figures.nodes, grid, form);
    for (const [node, gpu] of answer.nodes) Object.assign(entries.get(node) ?? {}, { gpu });
    if (answer.cluster !== null) summary.gpu = answer.cluster;
  }
  if (workloads !== null) {
    summary.workloads = Object.fromEntries(
      workloadFields.map((field) => [field, workloads(field)]),
    ) as Workloads;
  }
  warnOfMissing(entries, figures, warnings);
  return {
    nodes: Object.fromEntries([...entries].map(([node, entry]) => [node.key, entry])),
    cluster_summary: summary,
  };
}

function entryOf(node: Node, { lastSeen }: ClusterFigures): NodeEntry {
  const seen = lastSeen.get(node);
  return {
    node: node.key,
    hostname: hostnameOf(node),
    ...(seen !== undefined && { last_seen: seen }),
  };
}

async function addMetric(
  metric: NodeMetric,
  figures: ClusterFigures,
  entries: ReadonlyMap<Node, NodeEntry>,
  summary: Summary,
): Promise<void> {
  const { nodes, everyNode, filtered, now, series, heldSince, mountpoints } = figures;
  const window = meansOf(metric, figures.window, {
    presence: figures.presence.window,
    onImplausible: (node) => {
      figures.implausible.add(metric.name, node);
    },
  });
  const previous = meansOf(metric, figures.previous, {
    presence: figures.presence.previous,
    // What was wrong before the window is no news.
    onImplausible: () => undefined,
  });
  const decimals = decimalsOf(metric);
  const compared = (average: number | null, before: number | null) => ({
    average: round(average, decimals),
    previous_average: round(before, decimals),
    change_percent: round(changeOf(metric.kind, average, before)),
  });
  const columns =
    series === null ? null : await nodeColumns(metric, [...entries.keys()], series, heldSince);
  const withSeries = (column: Float64Array | null | undefined) =>
    series === null
      ? {}
      : { time_series: toTimeSeries(column, series.grid, series.form, decimals) };
  await eachInTurns(entries, ([node, entry]) => {
    const fields = {
      ...metric.fields(now(node)),
      ...(metric.name === 'storage' && { mountpoint: mountpoints.get(node.instance ?? '') ?? '/' }),
      ...compared(window.node(node), previous.node(node)),
      ...withSeries(columns?.get(node)),
    };
    Object.assign(entry, { [metric.name]: fields });
  });
  const clusterSeries = async () => {
    if (series === null || columns === null) return {};
    const weighted = await mapInTurns(nodes, (node) => {
      const column = columns.get(node);
      const current = metric.weight === undefined ? null : now(node)(metric.weight);
      const weight = current ?? window.weight(node) ?? 0;
      return column === undefined ? [] : [{ column, weight }];
    });
    return withSeries(await clusterColumn(weighted.flat(), metric.kind, series.grid));
  };
  const fields = {
    ...metric.fields(sumOfNodes(metric, now, nodes)),
    ...compared(
      await window.cluster(filtered ? nodes : everyNode),
      await previous.cluster(filtered ? nodes : everyNode),
    ),
    ...(await clusterSeries()),
  };
  Object.assign(summary, { [metric.name]: fields });
}

/** The sums over the nodes; where none has the figures, over those that have the others. */
function sumOfNodes(
  { figures, otherFigures }: NodeMetric,
  now: ClusterFigures['now'],
  nodes: readonly Node[],
): FigureReader {
  const sums = sumReader(now, nodes, figures);
  if (otherFigures === undefined) return sums;
  const others = sumReader(now, nodes, otherFigures);
  return (figure) => sums(figure) ?? (otherFigures.includes(figure) ? others(figure) : null);
}

/** Names the nodes that lack the main figure of a metric. */
function warnOfMissing(
  entries: ReadonlyMap<Node, NodeEntry>,
  { selection, silent, implausible }: ClusterFigures,
  warnings: Warnings,
): void {
  const warn = (metric: MetricName, lacks: (node: Node, entry: NodeEntry) => boolean) => {
    const nodes = [...entries].filter(([node, entry]) => lacks(node, entry));
    warnings.add('no_data', `There is no data for ${metric}`, {
      metric,
      nodes: nodes.map(([node]) => node.key),
    });
  };
  for (const { name, main } of selection.nodeMetrics) {
    // That a node does not report at all is said once, and not for each metric.
    warn(name, (node, entry) => {
      const fields: Readonly<Record<string, unknown>> = entry[name] ?? {};
      return fields[main] === null && !silent.has(node) && !implausible.has(name, node);
    });
  }
  warn('power', (node, { power }) => {
    return power?.total_kwh === null && !implausible.has('power', node);
  });
  warn('gpu', (node, { gpu }) => {
    return gpu?.utilization_percent === null && !implausible.has('gpu', node);
  });
}
