import type { DirectoryNode, Labels, RangeRow, Row } from '../../ports.js';
import { nodeFamily } from '../targets/node-exporter.js';
import type { Read } from '../metrics/types.js';
import type { Asked } from '../existence/decide.js';
import { rateFactor } from '../nodes/heartbeats.js';
import { createRoster, type Node } from '../nodes/inventory.js';
import type { Collected } from '../promql/queries.js';
import type { Figures } from '../promql/figure.js';
import type { Probe } from '../targets/probe.js';
import type { Grid } from '../promql/grid.js';
import { shortestRateMs } from '../targets/aligned-blocks.js';
import { conditionFigureNames } from './conditions.js';
import { hoursOf, windowOf } from './plan.js';

/** Everything that was found out, each row given to its node. */
export interface Facts {
  readonly nodes: readonly Node[];
  /** Key of a node in the answer: its address, else its name. */
  readonly keyOf: (node: Node) => string;
  read(node: Node): Read;
  /** By how much the rates of the node at the end are too low. */
  rateFactor(node: Node): number;
  /** What its kernel said of itself last. */
  uname(node: Node): Labels | undefined;
  /** Label sets of figures that say something by their labels. */
  labelled(figure: string, node: Node): readonly Row[];
  ranged(figure: string, node: Node): RangeRow | undefined;
  /** Whether a figure could not be asked, so that its absence says nothing. */
  failed(figure: string): boolean;
  isInKubernetes(node: Node): boolean;
  directory(node: Node): DirectoryNode | undefined;
  readonly newestAge: number | null;
  readonly window: { readonly end: number; readonly hours: Grid };
  /** Adds figures that were asked later. */
  add(figures: Figures): void;
}

/** Figures whose labels matter, beside the node. */
const labelledFigures = new Set([...conditionFigureNames, 'capacity']);

export function gatherFacts(
  collected: Collected,
  listed: Asked<readonly DirectoryNode[]>,
  { probe, end }: { probe: Probe; end: number },
): Facts {
  const roster = createRoster();
  const table = new Map<string, Map<Node, number>>();
  const labelled = new Map<string, Map<Node, Row[]>>();
  const ranged = new Map<string, Map<Node, RangeRow>>();
  const unames = new Map<Node, Labels>();
  const kubernetes = new Set<Node>();
  const directory = new Map<Node, DirectoryNode>();

  for (const { metric } of collected.moment.get('uname') ?? []) {
    const { instance = '', nodename = null } = metric;
    unames.set(roster.addInstance(instance, nodename, true), metric);
  }
  for (const { metric } of collected.moment.get('replicas') ?? []) {
    roster.addInstance(metric['instance'] ?? '', null, true);
  }
  for (const { metric } of collected.moment.get('kubernetes') ?? []) {
    const { node = '', internal_ip: ip = '' } = metric;
    kubernetes.add(roster.addKubernetes(node, ip === '' ? null : ip));
  }
  for (const node of 'answer' in listed ? listed.answer : []) {
    directory.set(roster.addListed(node.name, node.internalIp), node);
  }

  /** Node-exporter is known by instance alone: its `node` label, if any, is not Kubernetes'. */
  const nodeOf = (metric: Labels): Node | null => {
    const { instance = '', node } = metric;
    if (node === undefined && instance !== '') return roster.addInstance(instance, null, true);
    return instance === '' && node === undefined ? null : roster.find(metric, true);
  };
  const ofKubelet = (figure: string) => /^(pods|machine|fallback):/.test(figure);
  const add = (figures: Figures) => {
    for (const [figure, rows] of figures) {
      for (const row of rows) {
        const node = ofKubelet(figure) ? roster.find(row.metric, true) : nodeOf(row.metric);
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
  const moment = new Map(collected.moment);
  const heard = [...(moment.get('heard') ?? []), ...(moment.get('heard:kubernetes') ?? [])];
  for (const done of ['uname', 'kubernetes', 'heard:kubernetes']) moment.delete(done);
  add(moment);
  for (const [figure, rows] of collected.range) {
    const byNode = new Map<Node, RangeRow>();
    for (const row of rows) {
      const node = nodeOf(row.metric);
      if (node !== null) byNode.set(node, row);
    }
    ranged.set(figure, byNode);
  }

  const read =
    (node: Node): Read =>
    (figure) =>
      table.get(figure)?.get(node) ?? null;
  const intervalMs = probe.intervalMs(nodeFamily, end);
  const newest = Math.max(...heard.map(({ value }) => value));
  return {
    get nodes() {
      return uniqueByKey(roster.nodes);
    },
    keyOf,
    read,
    rateFactor: (node) =>
      rateFactor(read(node), {
        ...{ end, intervalMs, rateMs: shortestRateMs(intervalMs) },
        rates: probe.rates,
      }),
    uname: (node) => unames.get(node),
    labelled: (figure, node) => labelled.get(figure)?.get(node) ?? [],
    ranged: (figure, node) => ranged.get(figure)?.get(node),
    failed: (figure) => collected.failures.some(({ figures }) => figures.includes(figure)),
    isInKubernetes: (node) => kubernetes.has(node),
    directory: (node) => directory.get(node),
    newestAge: Number.isFinite(newest) ? Math.max(0, Math.round(end - newest)) : null,
    window: { end, hours: hoursOf(windowOf(end)) },
    add,
  };
}

function keyOf(node: Node): string {
  return node.address ?? node.key;
}

/** Two exporters of one host are one node here: the one that Kubernetes was joined to. */
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
