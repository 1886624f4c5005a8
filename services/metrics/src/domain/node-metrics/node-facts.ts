import type { DirectoryNode, Labels, RangeRow, Row } from '../../ports.js';
import type { Settled } from '../settle.js';
import { cpu } from '../metrics/cpu.js';
import { memory } from '../metrics/memory.js';
import { goneFigure } from '../nodes/node-info.js';
import {
  createImplausibleValues,
  plausibleFigures,
  type ImplausibleValues,
} from '../nodes/implausible-values.js';
import type { Node } from '../nodes/inventory.js';
import {
  readInventory,
  withoutForeignRates,
  type InventoryReading,
} from '../nodes/read-inventory.js';
import type { FigureReader, Figures } from '../promql/figure.js';
import type { Grid } from '../promql/grid.js';
import type { QueryResults } from '../promql/queries.js';
import { nodeExporterGroup } from '../targets/node-exporter.js';
import { kubernetesNodeOf } from '../targets/node-labels.js';
import { rateWindows } from '../time-base/rate-window.js';
import type { SampledTargets } from '../time-base/read-samples.js';
import { createPace, eachInTurns } from '../turns/pace.js';
import { conditionFigureNames } from './conditions.js';
import { bandwidthStep, hoursOf, windowOf } from './windows.js';

/** What is known of the nodes of a cluster, by node. */
export interface NodeFacts {
  readonly nodes: readonly Node[];
  /** Key of a node in the answer: its address, else its name. */
  readonly keyOf: (node: Node) => string;
  read(node: Node): FigureReader;
  /** Whether kube-state-metrics has the node now. */
  isInKubernetes(node: Node): boolean;
  /** How many there are on a node: none is zero where they were asked for and Kubernetes has the node. */
  count(figure: string, node: Node): number | null;
  /** Which nodes there are, and what describes them. */
  readonly identity: InventoryReading;
  /** Rows of figures whose labels matter. */
  labelled(figure: string, node: Node): readonly Row[];
  ranged(figure: string, node: Node): RangeRow | undefined;
  /** Whether a figure could not be read, so that its absence says nothing. */
  failed(figure: string): boolean;
  directory(node: Node): DirectoryNode | undefined;
  /** Nodes with values that cannot be; those are not read. */
  readonly implausible: ImplausibleValues;
  /** Time of the newest sample in the 5 minutes before the end, Unix seconds. */
  readonly newest: number | null;
  readonly window: { readonly end: number; readonly hours: Grid };
  /** Adds figures that were read later. */
  add(figures: Figures): Promise<void>;
}

/** Seconds before the end by which the better of several exporters is chosen. */
const recent = 600;

/** Figures whose labels matter, beside the node. */
const labelledFigures = new Set([...conditionFigureNames, 'capacity']);

/**
 * The facts that follow from the answers of the store and the nodes that bud-cluster lists; of many rows with turns of
 * the event loop in between.
 */
export async function createNodeFacts(
  results: QueryResults,
  listed: Settled<readonly DirectoryNode[]>,
  of: {
    targets: SampledTargets;
    end: number;
    /** Figures that were asked for. */
    asked: ReadonlySet<string>;
  },
): Promise<NodeFacts> {
  const { targets, end, asked } = of;
  const pace = createPace();
  const window = windowOf(end);
  const identity = readInventory(results.instant, listed, window.start);
  const { inventory, heldSince } = identity;
  inventory.chooseInstances(() => coveredBy(targets, end));
  const table = new Map<string, Map<Node, number>>();
  const labelled = new Map<string, Map<Node, Row[]>>();
  const ranged = new Map<string, Map<Node, RangeRow>>();
  const directory = new Map<Node, DirectoryNode>();
  for (const { metric } of results.instant.get('replicas') ?? []) {
    inventory.ofInstance(metric['instance'] ?? '', true);
  }
  const inKubernetes = new Set(
    (results.instant.get('kubernetes') ?? []).map(({ metric }) => inventory.find(metric, true)),
  );
  for (const node of 'answer' in listed ? listed.answer : []) {
    directory.set(inventory.addListed(node.name, node.internalIp), node);
  }

  /** Node-exporter is known by its instance, kube-state-metrics by the name of the node. */
  const nodeOf = (metric: Labels): Node | null => {
    const { instance = '', ...others } = metric;
    const name = kubernetesNodeOf(others);
    if (name !== '') return inventory.find(metric, true);
    return instance === '' ? null : inventory.ofInstance(instance, true);
  };
  const isOfKubelet = (figure: string) => /^(pods|machine|fallback):/.test(figure);
  const add = async (figures: Figures) => {
    for (const [figure, rows] of figures)
      await eachInTurns(rows, (row) => addRow(figure, row), pace);
  };
  const addRow = (figure: string, row: Row) => {
    const node = isOfKubelet(figure) ? inventory.find(row.metric, true) : nodeOf(row.metric);
    if (node === null) return;
    if (labelledFigures.has(figure)) {
      const byNode = labelled.get(figure) ?? new Map<Node, Row[]>();
      labelled.set(figure, byNode);
      const own = byNode.get(node);
      if (own === undefined) byNode.set(node, [row]);
      else own.push(row);
      return;
    }
    const byNode = table.get(figure) ?? new Map<Node, number>();
    const isOther = row.metric['instance'] !== node.instance;
    const known = byNode.get(node);
    // Another exporter of the node says only what the first does not.
    if (known === undefined || !isOther) byNode.set(node, row.value);
    else if (isOfKubelet(figure)) byNode.set(node, Math.max(row.value, known));
    table.set(figure, byNode);
  };
  const instant = withoutForeignRates(results.instant, heldSince, end);
  const heard = [...(instant.get('heard') ?? []), ...(instant.get('heard:kubernetes') ?? [])];
  for (const figure of ['uname', 'kubernetes'])
    for (const done of [figure, goneFigure(figure)]) instant.delete(done);
  instant.delete('heard:kubernetes');
  await add(instant);
  for (const [figure, rows] of results.range) {
    const byNode = new Map<Node, RangeRow>();
    const addRange = (row: RangeRow) => {
      const node = nodeOf(row.metric);
      const { instance = '' } = row.metric;
      if (node === null) return;
      const reach = figure.startsWith('stat:') ? rateWindows[0] : bandwidthStep;
      const own = since(row, heldSince(instance) + reach);
      const known = byNode.get(node);
      const [first, other] = instance === node.instance ? [own, known] : [known ?? own, own];
      byNode.set(node, filled(first, other));
    };
    await eachInTurns(rows, addRange, pace);
    ranged.set(figure, byNode);
  }

  const implausible = createImplausibleValues();
  const read = (node: Node): FigureReader => {
    const own: FigureReader = (figure) => table.get(figure)?.get(node) ?? null;
    return plausibleFigures(node, own, { metrics: [cpu, memory], implausible });
  };
  const newest = Math.max(...heard.map(({ value }) => value));
  const failed = (figure: string) =>
    results.failures.some(({ figures }) => figures.includes(figure));
  return {
    get nodes() {
      return uniqueByKey(inventory.nodes);
    },
    keyOf,
    read,
    isInKubernetes: (node) => inKubernetes.has(node),
    count(figure, node) {
      const isCounted = asked.has(figure) && !failed(figure) && inKubernetes.has(node);
      return read(node)(figure) ?? (isCounted ? 0 : null);
    },
    identity,
    labelled: (figure, node) => labelled.get(figure)?.get(node) ?? [],
    ranged: (figure, node) => ranged.get(figure)?.get(node),
    failed,
    directory: (node) => directory.get(node),
    implausible,
    newest: Number.isFinite(newest) ? newest : null,
    window: { end, hours: hoursOf(window) },
    add,
  };
}

/** A row, and the points of another one at times that it lacks. */
function filled(first: RangeRow, other: RangeRow | undefined): RangeRow {
  if (other === undefined || first === other) return first;
  const known = new Set(first.times.filter((_, at) => !Number.isNaN(first.values[at])));
  const isLacking = (_: number, at: number) => !known.has(other.times[at] ?? NaN);
  return {
    ...first,
    times: [...first.times, ...other.times.filter(isLacking)],
    values: [...first.values, ...other.values.filter(isLacking)],
  };
}

/** The points of a row at a time or later. */
function since(row: RangeRow, time: number): RangeRow {
  if (time === -Infinity) return row;
  const values = row.values.map((value, at) => ((row.times[at] ?? 0) >= time ? value : NaN));
  return { ...row, values };
}

/** Samples of an instance of node-exporter in the last minutes. */
function coveredBy(targets: SampledTargets, end: number): (instance: string) => number {
  const samples = new Map<string, number>();
  for (const { metric, times } of targets.get(nodeExporterGroup)?.values() ?? []) {
    const { instance = '' } = metric;
    const { count } = times.within({ start: end - recent, end });
    samples.set(instance, Math.max(count, samples.get(instance) ?? 0));
  }
  return (instance) => samples.get(instance) ?? 0;
}

function keyOf(node: Node): string {
  return node.address ?? node.key;
}

/** Two exporters of one host are one node here: the one that was joined with Kubernetes. */
function uniqueByKey(nodes: readonly Node[]): Node[] {
  const byKey = new Map<string, Node>();
  for (const node of nodes) {
    const other = byKey.get(keyOf(node));
    if (other === undefined || (other.name === null && node.name !== null)) {
      byKey.set(keyOf(node), node);
    }
  }
  return [...byKey.values()];
}
