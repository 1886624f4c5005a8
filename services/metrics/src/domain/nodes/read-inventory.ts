import type { DirectoryNode, Labels, Row } from '../../ports.js';
import type { Figures } from '../promql/figure.js';
import type { Settled } from '../settle.js';
import { exporterNameLabels, kubernetesNodeOf } from '../targets/node-labels.js';
import { rateWindows } from '../time-base/rate-window.js';
import type { Warnings } from '../warnings.js';
import { addressOf } from './address.js';
import { createNodeInventory, type Node, type NodeInventory } from './inventory.js';
import { goneFigure, labelledFigure, nearbyFigure, nearbyFigures } from './node-info.js';
import { isRenamed } from './node-names.js';

/** The nodes of a cluster, and the addresses whose earlier samples are another machine's. */
export interface InventoryReading {
  readonly inventory: NodeInventory;
  readonly heldSince: HeldSince;
  /** Labels of each node that kube-state-metrics knows, and of each node's newest `node_uname_info`. */
  readonly kubernetes: ReadonlyMap<Node, Labels>;
  readonly uname: ReadonlyMap<Node, Labels>;
}

/** Since when (Unix seconds) an instance's address is with who holds it now; -Infinity where nobody else did. */
export type HeldSince = (instance: string) => number;

/** Two machines that were both seen within this many seconds share an instance, and none has replaced the other. */
const apart = 120;

/** Seconds to which it is known when a machine that is gone was seen last. */
const resolution = 300;

/**
 * Makes the inventory of a cluster from the rows of its node info metrics, live and gone; who was gone at the
 * `start` (Unix seconds) is not of the window.
 */
export function readInventory(
  figures: Figures,
  listed: Settled<readonly DirectoryNode[]>,
  start: number,
): InventoryReading {
  const inventory = createNodeInventory();
  const kubernetes = new Map<Node, Labels>();
  const uname = new Map<Node, Labels>();
  for (const name of ['kubernetes', goneFigure('kubernetes')]) {
    for (const { metric } of figures.get(name) ?? []) {
      const node = inventory.addKubernetes(kubernetesNodeOf(metric), addressIn(metric));
      if (!kubernetes.has(node)) kubernetes.set(node, metric);
    }
  }
  // Without a time a row is of the window.
  const isCurrent = ({ value }: Row) => value < 1e6 || value > start;
  const newest = new Map<string, Row>();
  const addExporter = (row: Row, live: boolean) => {
    const { instance = '' } = row.metric;
    const holder = newest.get(instance);
    if (holder !== undefined && kernelOf(holder.metric) !== kernelOf(row.metric)) {
      if (holder.value - row.value <= apart && live) inventory.markAmbiguous(instance);
      inventory.addExporter(row.metric, { current: isCurrent(row), live: false });
      return;
    }
    if (holder === undefined) newest.set(instance, row);
    const node = inventory.addExporter(row.metric, { current: isCurrent(row), live });
    if (!uname.has(node)) uname.set(node, row.metric);
  };
  for (const row of newestFirst(figures.get('uname'))) addExporter(row, true);
  for (const row of newestFirst(figures.get(labelledFigure)))
    if (nameOf(row.metric) !== '') addExporter(row, true);
  for (const row of newestFirst(figures.get(goneFigure('uname')))) addExporter(row, false);
  // These give names to what is in the window, and are not there themselves.
  for (const { metric } of figures.get(nearbyFigure('kubernetes')) ?? [])
    inventory.addKubernetes(kubernetesNodeOf(metric), addressIn(metric), false);
  for (const { metric } of figures.get(nearbyFigure('uname')) ?? [])
    inventory.addExporter(metric, { current: false, live: false });
  if ('answer' in listed) {
    for (const { name, internalIp } of listed.answer) inventory.addListed(name, internalIp);
  }
  return { inventory, heldSince: heldSinceOf(figures), kubernetes, uname };
}

function addressIn({ internal_ip: address = '' }: Labels): string | null {
  return address === '' ? null : address;
}

/**
 * Who was seen last under an instance holds its address, from 5 minutes after the one before was seen last: that
 * is known to 5 minutes.
 */
export function heldSinceOf(figures: Figures): HeldSince {
  const holders = new Map<string, Row>();
  const times = new Map<string, number>();
  const rows = ['uname', goneFigure('uname')].flatMap((name) => newestFirst(figures.get(name)));
  const nodeNames = new Set(
    (figures.get('kubernetes') ?? []).map(({ metric }) => kubernetesNodeOf(metric).toLowerCase()),
  );
  // Who is scraped by the name of a node is that node, whatever its kernel or its pod is called.
  const isNodeName = (host: string) => nodeNames.has(host);
  for (const row of rows) {
    const { instance = '' } = row.metric;
    const holder = holders.get(instance) ?? row;
    holders.set(instance, holder);
    const host = addressOf(instance);
    const [name, before] = [nameOf(holder.metric), nameOf(row.metric)];
    const isOther =
      name !== before &&
      holder.value - row.value > apart &&
      !isRenamed(name, before) &&
      !isNodeName(host);
    if (!isOther) continue;
    times.set(host, Math.max(row.value + resolution, times.get(host) ?? 0));
  }
  // Addresses seldom change hands, and this is asked of every row of a month.
  if (times.size === 0) return () => -Infinity;
  return (instance) => times.get(addressOf(instance)) ?? -Infinity;
}

/**
 * Figures of nodes that are in the window, but for the rates of addresses that changed hands in the range of the
 * rates (to `end`, Unix seconds).
 */
export function withoutForeignRates(
  figures: Figures,
  since: HeldSince,
  end: number,
): Map<string, readonly Row[]> {
  const isOwn = ({ metric }: Row) => since(metric['instance'] ?? '') <= end - rateWindows[0];
  const ofNodes = [...figures].filter(([figure]) => !nearbyFigures.has(figure));
  return new Map(
    ofNodes.map(([figure, rows]) => [
      figure,
      /^(cpu:busy|cpu:rest|receive|transmit|stat:.*)$/.test(figure) ? rows.filter(isOwn) : rows,
    ]),
  );
}

/** What tells machines of one address apart that are there together: the kernel's name where it is kept, else a label. */
const kernelOf = (metric: Labels) => metric['nodename'] ?? nameOf(metric);

/** What tells machines apart that had one address: a label, else the kernel's name. */
function nameOf(metric: Labels): string {
  return (
    [...exporterNameLabels, 'nodename'].map((label) => metric[label] ?? '').find(Boolean) ?? ''
  );
}

function newestFirst(rows: readonly Row[] = []): Row[] {
  return [...rows].sort((a, b) => b.value - a.value);
}

/** Warns of series whose cluster or node is not sure. */
export function warnOfIdentity(
  { inventory, heldSince }: InventoryReading,
  about: {
    /** How the agents of the cluster write its id. */
    readonly clusterLabels: readonly string[];
    readonly nodes: readonly Node[];
    /** Unix seconds: who was gone by then does not matter. */
    readonly start: number;
    readonly keyOf: (node: Node) => string;
    readonly warnings: Warnings;
  },
): void {
  const { clusterLabels, nodes, start, keyOf, warnings } = about;
  if (clusterLabels.length > 1) {
    const spellings = clusterLabels.join(' and ');
    warnings.add('cluster_label_case', `Agents write the label cluster differently: ${spellings}`);
  }
  warnings.add(
    'ambiguous_instance',
    'Several machines share one instance: their series are left out',
    {
      nodes: [...inventory.ambiguous],
    },
  );
  const isReused = ({ instance }: Node) =>
    instance !== null && heldSince(instance) - resolution > start;
  warnings.add(
    'address_reused',
    'Another machine had the address before: what it sent is left out',
    {
      nodes: nodes.filter(isReused).map(keyOf),
    },
  );
  warnings.add('unknown_node', 'Series name a node that nothing else knows', {
    nodes: nodes.filter((node) => inventory.unknown.has(node)).map(keyOf),
  });
}
