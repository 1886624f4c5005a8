import type { DirectoryNode, Labels, Row } from '../../ports.js';
import type { Figures } from '../promql/figure.js';
import type { Settled } from '../settle.js';
import { kubernetesNodeOf } from '../targets/node-labels.js';
import type { Warnings } from '../warnings.js';
import { createNodeInventory, type Node, type NodeInventory } from './inventory.js';
import { goneFigure } from './node-info.js';

/** The nodes of a cluster, and the instances whose earlier samples are another machine's. */
export interface InventoryReading {
  readonly inventory: NodeInventory;
  /** By instance: when the machine that held the address before was seen last (Unix seconds). */
  readonly heldBefore: ReadonlyMap<string, number>;
  /** Labels of each node that kube-state-metrics knows, and of each node's newest `node_uname_info`. */
  readonly kubernetes: ReadonlyMap<Node, Labels>;
  readonly uname: ReadonlyMap<Node, Labels>;
}

/** Two machines that were both seen within this many seconds share an instance, and none has replaced the other. */
const apart = 120;

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
  const heldBefore = new Map<string, number>();
  const kubernetes = new Map<Node, Labels>();
  const uname = new Map<Node, Labels>();
  for (const name of ['kubernetes', goneFigure('kubernetes')]) {
    for (const { metric } of figures.get(name) ?? []) {
      const address = metric['internal_ip'] ?? '';
      const node = inventory.addKubernetes(
        kubernetesNodeOf(metric),
        address === '' ? null : address,
      );
      if (!kubernetes.has(node)) kubernetes.set(node, metric);
    }
  }
  // Without a time a row is of the window.
  const isCurrent = ({ value }: Row) => value < 1e6 || value > start;
  const newest = new Map<string, Row>();
  const addExporter = (row: Row, live: boolean) => {
    const { instance = '', nodename } = row.metric;
    const holder = newest.get(instance);
    if (holder !== undefined && holder.metric['nodename'] !== nodename) {
      if (holder.value - row.value <= apart && live) inventory.markAmbiguous(instance);
      else heldBefore.set(instance, Math.max(row.value, heldBefore.get(instance) ?? 0));
      inventory.addExporter(row.metric, { current: isCurrent(row), live: false });
      return;
    }
    if (holder === undefined) newest.set(instance, row);
    const node = inventory.addExporter(row.metric, { current: isCurrent(row), live });
    if (!uname.has(node)) uname.set(node, row.metric);
  };
  for (const row of newestFirst(figures.get('uname'))) addExporter(row, true);
  for (const row of newestFirst(figures.get(goneFigure('uname')))) addExporter(row, false);
  if ('answer' in listed) {
    for (const { name, internalIp } of listed.answer) inventory.addListed(name, internalIp);
  }
  return { inventory, heldBefore, kubernetes, uname };
}

function newestFirst(rows: readonly Row[] = []): Row[] {
  return [...rows].sort((a, b) => b.value - a.value);
}

/** Warns of series whose cluster or node is not sure. */
export function warnOfIdentity(
  { inventory, heldBefore }: InventoryReading,
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
    instance !== null && (heldBefore.get(instance) ?? -Infinity) > start;
  warnings.add(
    'address_reused',
    'Another machine had the address before: means and series are left out',
    {
      nodes: nodes.filter(isReused).map(keyOf),
    },
  );
  warnings.add('unknown_node', 'Series name a node that nothing else knows', {
    nodes: nodes.filter((node) => inventory.unknown.has(node)).map(keyOf),
  });
}
