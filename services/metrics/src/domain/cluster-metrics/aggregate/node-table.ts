import type { Figures } from '../../promql/figure.js';
import type { Read } from '../../metrics/types.js';
import type { Node, Roster } from '../../nodes/inventory.js';

/** Figures by node: each a list by the node's place in the roster, with holes. A month has many. */
export type Table = ReadonlyMap<string, readonly (number | undefined)[]>;

/** Gives each row to its node. Rows of node-exporter are known by instance, others by any label. */
export function tableOf(figures: Figures, roster: Roster, current: boolean): Table {
  const table = new Map<string, number[]>();
  for (const [figure, rows] of figures) {
    if (isApart(figure)) continue;
    const byNode: number[] = [];
    for (const { metric, value } of rows) {
      const { instance } = metric;
      if (instance !== undefined) byNode[roster.addInstance(instance, null, current).index] = value;
    }
    table.set(figure, byNode);
  }
  return table;
}

/** Figures that are not by instance: they are read on their own. */
function isApart(figure: string): boolean {
  return /^(uname|kubernetes|heard:kubernetes|covered:cluster)$|^(power|gpu|workloads):/.test(
    figure,
  );
}

export function reader(table: Table, node: Node): Read {
  return (figure) => table.get(figure)?.[node.index] ?? null;
}

/** The sum over the nodes that have every one of the figures; `null` where none has. */
export function sumReader(
  read: (node: Node) => Read,
  nodes: readonly Node[],
  figures: readonly string[],
): Read {
  const whole = nodes.map(read).filter((one) => figures.every((figure) => one(figure) !== null));
  return (figure) =>
    whole.length === 0 ? null : whole.reduce((sum, one) => sum + (one(figure) ?? 0), 0);
}
