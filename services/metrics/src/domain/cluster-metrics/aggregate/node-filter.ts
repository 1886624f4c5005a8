import { canonical } from '../../nodes/address.js';
import type { Node, NodeInventory } from '../../nodes/inventory.js';
import type { Warnings } from '../../warnings.js';

/** The nodes of the answer: those of the window, or those of them that the request names. */
export function filterNodes(
  inventory: NodeInventory,
  filter: readonly string[] | undefined,
  warnings: Warnings,
): Node[] {
  const current = inventory.nodes.filter((node) => node.current);
  if (filter === undefined) return current;
  const names = (node: Node) =>
    [node.key, node.address, node.name, node.nodename].map((own) => own?.toLowerCase());
  const matches = (node: Node, name: string) =>
    names(node).includes(name.toLowerCase()) || node.address === canonical(name);
  const unknown = filter.filter((name) => !current.some((node) => matches(node, name)));
  warnings.add('node_unknown', 'These nodes are not known in the window', { nodes: unknown });
  return current.filter((node) => filter.some((name) => matches(node, name)));
}
