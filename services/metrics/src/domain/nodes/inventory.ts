import type { Labels } from '../../ports.js';
import { nodeNameLabels } from '../targets/node-labels.js';
import { addressOf, canonical } from './address.js';

/** One node, as known to exporters, Kubernetes and bud-cluster together. */
export interface Node {
  /** Its place in the inventory. */
  readonly index: number;
  /** `instance` of node-exporter; without it the address, else the name. */
  readonly key: string;
  readonly address: string | null;
  /** `instance` of its node-exporter, `null` where it has none. */
  readonly instance: string | null;
  /** Name by its own kernel. */
  nodename: string | null;
  /** Kubernetes node name. */
  name: string | null;
  /** Known in the window, and not only in the one it is compared with. */
  current: boolean;
}

/** The name a person knows the node by. */
export function hostnameOf(node: Node): string | null {
  return node.name ?? node.nodename;
}

/**
 * The nodes of a cluster: whatever names one is joined on the Kubernetes node name, then on the address,
 * always as a whole and never as a part of a text.
 */
export interface NodeInventory {
  readonly nodes: readonly Node[];
  /** A node of node-exporter. */
  addInstance(instance: string, nodename: string | null, current: boolean): Node;
  /** A node that kube-state-metrics knows. */
  addKubernetes(name: string, address: string | null): Node;
  /** A node that bud-cluster knows, whose name for it may be an older one. */
  addListed(name: string, address: string | null): Node;
  /** The node of a series, by whichever labels its exporter has; a new one where none fits. */
  find(labels: Labels, current: boolean): Node;
}

/** An inventory without nodes. */
export function createNodeInventory(): NodeInventory {
  const nodes: Node[] = [];
  const instances = new Map<string, Node>();
  const names = new Map<string, Node[]>();
  const nodenames = new Map<string, Node[]>();
  const addresses = new Map<string, Node[]>();

  const index = (map: Map<string, Node[]>, key: string | null, node: Node) => {
    if (key === null || key === '') return;
    const group = map.get(key.toLowerCase()) ?? [];
    if (!group.includes(node)) map.set(key.toLowerCase(), [...group, node]);
  };
  /** The only node under a key: two of them name neither. */
  const only = (map: Map<string, Node[]>, key: string | null | undefined): Node | undefined => {
    const group = key === null || key === undefined ? [] : (map.get(key.toLowerCase()) ?? []);
    return group.length === 1 ? group[0] : undefined;
  };
  const add = (found: Omit<Node, 'index'>): Node => {
    const node = { index: nodes.length, ...found };
    nodes.push(node);
    index(addresses, node.address, node);
    index(names, node.name, node);
    index(nodenames, node.nodename, node);
    return node;
  };

  const byName = (name: string) => only(names, name) ?? only(nodenames, name);
  // Two exporters at one address run on one host.
  const byAddress = (address: string) => addresses.get(canonical(address))?.[0];

  const addKubernetes = (name: string, address: string | null): Node => {
    const known =
      byName(name) ?? (address === null ? undefined : byAddress(address)) ?? byAddress(name);
    // An address that was given to another machine since is another node.
    if (known !== undefined && (known.name === null || known.name === name)) {
      known.current = true;
      if (known.name === null) {
        known.name = name;
        index(names, name, known);
      }
      return known;
    }
    const key = address ?? name;
    const own = address === null ? null : canonical(address);
    return add({ key, address: own, instance: null, nodename: null, name, current: true });
  };

  return {
    nodes,
    addKubernetes,
    addListed(name, address) {
      const known = byName(name) ?? (address === null ? undefined : byAddress(address));
      if (known === undefined) return addKubernetes(name, address);
      known.current = true;
      return known;
    },
    addInstance(instance, nodename, current) {
      const known = instances.get(instance);
      if (known !== undefined) {
        known.current ||= current;
        if (known.nodename === null && nodename !== null) {
          known.nodename = nodename;
          index(nodenames, nodename, known);
        }
        return known;
      }
      const address = addressOf(instance);
      const node = add({ key: instance, address, instance, nodename, name: null, current });
      instances.set(instance, node);
      return node;
    },
    find(labels, current) {
      const { instance = '' } = labels;
      const named = nodeNameLabels
        .map((label) => labels[label])
        .find((name) => name !== undefined && name !== '');
      const known =
        (named === undefined ? undefined : byName(named)) ??
        instances.get(instance) ??
        byName(instance) ??
        byAddress(addressOf(instance));
      if (known !== undefined) {
        known.current ||= current;
        return known;
      }
      const key = named ?? instance;
      const address = instance === '' ? null : addressOf(instance);
      const name = named ?? (instance === '' ? null : instance);
      return add({ key, address, instance: null, nodename: null, name, current });
    },
  };
}
