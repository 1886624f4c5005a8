import type {
  ClusterMetrics,
  MetricName,
  NodeEntry,
  Summary,
  Workloads,
} from '@bud-monitoring/contracts';
import type { Selection } from '../../metrics/index.js';
import { plausible } from '../../bounds.js';
import type { NodeMetric } from '../../metrics/types.js';
import { workloadFields } from '../../metrics/workloads.js';
import type { ImplausibleValues } from '../../nodes/implausible-values.js';
import { hostnameOf, type Node } from '../../nodes/inventory.js';
import type { HeldSince } from '../../nodes/read-inventory.js';
import { createPace, mapInTurns } from '../../turns/pace.js';
import type { FigureReader, RangeFigures } from '../../promql/figure.js';
import { filled, onGrid, type Grid } from '../../promql/grid.js';
import { rateWindows } from '../../time-base/rate-window.js';
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
import { clusterGpu, nodeGpu } from './gpu.js';
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
    for (const [node, entry] of entries) entry.power = nodePower(power, node, grid, form);
    summary.power = clusterPower(power, figures.nodes, grid, form);
  }
  if (gpus !== null) {
    for (const [node, entry] of entries) {
      const devices = gpus.get(node);
      if (devices !== undefined) entry.gpu = nodeGpu(devices, grid, form);
    }
    const gpu = clusterGpu(gpus, figures.nodes, grid, form);
    if (gpu !== null) summary.gpu = gpu;
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
  const columns = series === null ? null : await columnsOf(metric, series.range, series.grid);
  const withSeries = (column: Float64Array | null | undefined) =>
    series === null
      ? {}
      : { time_series: toTimeSeries(column, series.grid, series.form, decimals) };

  const columnOf = ({ instance: speaker, exporters }: Node) => {
    const [first, ...others] = exporters
      .toSorted((a, b) => Number(b === speaker) - Number(a === speaker))
      .flatMap((instance) => since(columns?.get(instance), heldSince(instance), series) ?? []);
    return first && others.reduce(filled, first);
  };
  const pace = createPace();
  for (const [node, entry] of entries) {
    await pace();
    const fields = {
      ...metric.fields(now(node)),
      ...(metric.name === 'storage' && { mountpoint: mountpoints.get(node.instance ?? '') ?? '/' }),
      ...compared(window.node(node), previous.node(node)),
      ...withSeries(columnOf(node)),
    };
    Object.assign(entry, { [metric.name]: fields });
  }
  const column = () => {
    if (series === null || columns === null) return null;
    const weighted = nodes.flatMap((node) => {
      const own = columnOf(node);
      const current = metric.weight === undefined ? null : now(node)(metric.weight);
      const weight = current ?? window.weight(node) ?? 0;
      return own === undefined ? [] : [{ column: own, weight }];
    });
    return clusterColumn(weighted, metric.kind, series.grid);
  };
  await pace();
  const fields = {
    ...metric.fields(sumOfNodes(metric, now, nodes)),
    ...compared(
      await window.cluster(filtered ? nodes : everyNode),
      await previous.cluster(filtered ? nodes : everyNode),
    ),
    ...withSeries(column()),
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

/** The points of a column whose ranges begin at a time or later. */
function since(
  column: Float64Array | undefined,
  time: number,
  series: ClusterFigures['series'],
): Float64Array | undefined {
  if (column === undefined || series === null || time === -Infinity) return column;
  const { start, step } = series.grid;
  const reach = Math.max(step, rateWindows[0]);
  return column.map((value, at) => (start + at * step - reach >= time ? value : NaN));
}

/** The series of a metric by instance: at each point the sum of its quantities', where all are known. */
async function columnsOf(
  metric: NodeMetric,
  range: RangeFigures,
  grid: Grid,
): Promise<Map<string, Float64Array>> {
  const byInstance = new Map<string, Map<string, Float64Array>>();
  for (const [figure, rows] of range) {
    if (!metric.quantities.some(({ id }) => figure === id || figure.startsWith(`${id}:`))) continue;
    for (const row of rows) {
      const instance = row.metric['instance'] ?? '';
      const own = byInstance.get(instance) ?? new Map<string, Float64Array>();
      const column = onGrid(row, grid);
      // A second target of the instance fills the gaps of the first.
      own.get(figure)?.forEach((value, at) => {
        if (!Number.isNaN(value)) column[at] = value;
      });
      byInstance.set(instance, own.set(figure, column));
    }
  }
  const valueAt = (own: ReadonlyMap<string, Float64Array>, at: number) => {
    const read = (figure: string) => {
      const value = own.get(figure)?.[at] ?? NaN;
      return Number.isNaN(value) ? null : value;
    };
    const values = metric.quantities.map((quantity) => quantity.meanOf(read) ?? NaN);
    const sum = values.reduce((all, value) => all + value, 0);
    return plausible(sum, metric.bounds) ?? NaN;
  };
  const columns = await mapInTurns([...byInstance], ([instance, own]) => {
    const column = Float64Array.from({ length: grid.count }, (_, at) => valueAt(own, at));
    return [instance, column] as const;
  });
  return new Map(columns);
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
