import type { DirectoryNode, Labels, RangeRow, Row } from '../../ports.js';
import type { Settled } from '../settle.js';
import { cpu } from '../metrics/cpu.js';
import { memory } from '../metrics/memory.js';
import {
  createImplausibleValues,
  plausibleFigures,
  type ImplausibleValues,
} from '../nodes/implausible-values.js';
import { createNodeInventory, type Node } from '../nodes/inventory.js';
import type { FigureReader, Figures } from '../promql/figure.js';
import type { Grid } from '../promql/grid.js';
import type { QueryResults } from '../promql/queries.js';
import { conditionFigureNames } from './conditions.js';
import { hoursOf, windowOf } from './windows.js';

/** What is known of the nodes of a cluster, by node. */
export interface NodeFacts {
  readonly nodes: readonly Node[];
  /** Key of a node in the answer: its address, else its name. */
  readonly keyOf: (node: Node) => string;
  read(node: Node): FigureReader;
  /** The newest labels of `node_uname_info`. */
  uname(node: Node): Labels | undefined;
  /** Rows of figures whose labels matter. */
  labelled(figure: string, node: Node): readonly Row[];
  ranged(figure: string, node: Node): RangeRow | undefined;
  /** Whether a figure could not be read, so that its absence says nothing. */
  failed(figure: string): boolean;
  isInKubernetes(node: Node): boolean;
  directory(node: Node): DirectoryNode | undefined;
  /** Nodes with values that cannot be; those are not read. */
  readonly implausible: ImplausibleValues;
  readonly newestAge: number | null;
  readonly window: { readonly end: number; readonly hours: Grid };
  /** Adds figures that were read later. */
  add(figures: Figures): void;
}

/** Figures whose labels matter, beside the node. */
const labelledFigures = new Set([...conditionFigureNames, 'capacity']);

/** The facts that follow from the answers of the store and the nodes that bud-cluster lists. */
export function createNodeFacts(
  results: QueryResults,
  listed: Settled<readonly DirectoryNode[]>,
  end: number,
): NodeFacts {
  const inventory = createNodeInventory();
  const table = new Map<string, Map<Node, number>>();
  const labelled = new Map<string, Map<Node, Row[]>>();
  const ranged = new Map<string, Map<Node, RangeRow>>();
  const unames = new Map<Node, Labels>();
  const kubernetes = new Set<Node>();
  const directory = new Map<Node, DirectoryNode>();

  for (const { metric } of results.instant.get('uname') ?? []) {
    const { instance = '', nodename = null } = metric;
    unames.set(inventory.addInstance(instance, nodename, true), metric);
  }
  for (const { metric } of results.instant.get('replicas') ?? []) {
    inventory.addInstance(metric['instance'] ?? '', null, true);
  }
  for (const { metric } of results.instant.get('kubernetes') ?? []) {
    const { node = '', internal_ip: ip = '' } = metric;
    kubernetes.add(inventory.addKubernetes(node, ip === '' ? null : ip));
  }
  for (const node of 'answer' in listed ? listed.answer : []) {
    directory.set(inventory.addListed(node.name, node.internalIp), node);
  }

  /** Node-exporter is known by instance alone: its `node` label, if any, is not Kubernetes'. */
  const nodeOf = (metric: Labels): Node | null => {
    const { instance = '', node } = metric;
    if (node === undefined && instance !== '') return inventory.addInstance(instance, null, true);
    return instance === '' && node === undefined ? null : inventory.find(metric, true);
  };
  const isOfKubelet = (figure: string) => /^(pods|machine|fallback):/.test(figure);
  const add = (figures: Figures) => {
    for (const [figure, rows] of figures) {
      for (const row of rows) {
        const node = isOfKubelet(figure) ? inventory.find(row.metric, true) : nodeOf(row.metric);
        if (node === null) continue;
        if (labelledFigures.has(figure)) {
          const byNode = labelled.get(figure) ?? new Map<Node, Row[]>();
          labelled.set(figure, byNode);
          const own = byNode.get(node);
          if (own === undefined) byNode.set(node, [row]);
          else own.push(row);
          continue;
        }
        const byNode = table.get(figure) ?? new Map<Node, number>();
        table.set(figure, byNode.set(node, Math.max(row.value, byNode.get(node) ?? -Infinity)));
      }
    }
  };
  const instant = new Map(results.instant);
  const heard = [...(instant.get('heard') ?? []), ...(instant.get('heard:kubernetes') ?? [])];
  for (const done of ['uname', 'kubernetes', 'heard:kubernetes']) instant.delete(done);
  add(instant);
  for (const [figure, rows] of results.range) {
    const byNode = new Map<Node, RangeRow>();
    for (const row of rows) {
      const node = nodeOf(row.metric);
      if (node !== null) byNode.set(node, row);
    }
    ranged.set(figure, byNode);
  }

  const implausible = createImplausibleValues();
  const read = (node: Node): FigureReader => {
    const own: FigureReader = (figure) => table.get(figure)?.get(node) ?? null;
    return plausibleFigures(node, own, { metrics: [cpu, memory], implausible });
  };
  const newest = Math.max(...heard.map(({ value }) => value));
  return {
    get nodes() {
      return uniqueByKey(inventory.nodes);
    },
    keyOf,
    read,
    uname: (node) => unames.get(node),
    labelled: (figure, node) => labelled.get(figure)?.get(node) ?? [],
    ranged: (figure, node) => ranged.get(figure)?.get(node),
    failed: (figure) => results.failures.some(({ figures }) => figures.includes(figure)),
    isInKubernetes: (node) => kubernetes.has(node),
    directory: (node) => directory.get(node),
    implausible,
    newestAge: Number.isFinite(newest) ? Math.max(0, Math.round(end - newest)) : null,
    window: { end, hours: hoursOf(windowOf(end)) },
    add,
  };
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
