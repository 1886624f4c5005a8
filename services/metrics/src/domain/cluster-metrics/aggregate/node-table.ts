import type { Node, NodeInventory } from '../../nodes/inventory.js';
import type { FigureReader } from '../../promql/figure.js';
import type { FiguresAt } from '../../promql/figures-at.js';

/** Figures by node: each a sparse list by the node's index in the inventory. A month has many. */
export type Table = ReadonlyMap<string, readonly (number | undefined)[]>;

/**
 * The rows of node-exporter by their node, of the instances that `counts` takes. The instance that speaks for
 * a node comes first; another one of it says only what the first does not.
 */
export function tableOf(
  figures: FiguresAt,
  inventory: NodeInventory,
  current: boolean,
  counts: (instance: string) => boolean = () => true,
): Table {
  const table = new Map<string, number[]>();
  for (const figure of figures.names) {
    if (isNotByInstance(figure)) continue;
    const byNode: number[] = [];
    figures.each(figure, ({ instance }, value) => {
      if (instance === undefined || !counts(instance)) return;
      const node = inventory.ofInstance(instance, current);
      if (node === null) return;
      if (instance === node.instance || byNode[node.index] === undefined) {
        byNode[node.index] = value;
      }
    });
    table.set(figure, byNode);
  }
  return table;
}

/** Figures that are not by instance, or by target. */
function isNotByInstance(figure: string): boolean {
  return /^(uname|kubernetes)(:gone|:labels)?$|^heard:kubernetes$|^(power|dram|gpu|inference|workloads|samples|seen|first|last):/.test(
    figure,
  );
}

/** Reads the figures of a node. */
export function reader(table: Table, node: Node): FigureReader {
  return (figure) => table.get(figure)?.[node.index] ?? null;
}

/** The sum over the nodes that have every one of the figures; `null` where none has. */
export function sumReader(
  read: (node: Node) => FigureReader,
  nodes: readonly Node[],
  figures: readonly string[],
): FigureReader {
  const whole = nodes.map(read).filter((one) => figures.every((figure) => one(figure) !== null));
  return (figure) =>
    whole.length === 0 ? null : whole.reduce((sum, one) => sum + (one(figure) ?? 0), 0);
}
