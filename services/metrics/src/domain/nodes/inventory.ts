import type { Labels } from '../../ports.js';
import { exporterNameLabels, nodeNameLabels } from '../targets/node-labels.js';
import { addressOf, canonical } from './address.js';
import { createNameIndex, isNamedBy, isRenamed, shortNameOf } from './node-names.js';

/** One node, as known to exporters, Kubernetes and bud-cluster together. */
export interface Node {
  /** Its place in the inventory. */
  readonly index: number;
  /** `instance` of node-exporter; without it the address, else the name. */
  readonly key: string;
  /** As Kubernetes says, else that of its node-exporter. */
  readonly address: string | null;
  /** `instance` of the node-exporter that speaks for it, `null` where it has none. */
  readonly instance: string | null;
  /** `instance` of every node-exporter that it has or had. */
  readonly exporters: readonly string[];
  /** Name by its own kernel. */
  readonly nodename: string | null;
  /** Kubernetes node name. */
  readonly name: string | null;
  /** Known in the window, and not only in the one it is compared with. */
  readonly current: boolean;
}

/** The name a person knows the node by. */
export function hostnameOf(node: Node): string | null {
  return node.name ?? node.nodename;
}

/**
 * The nodes of a cluster: the one place that decides whose a series is, always by whole names and never by a
 * part of a text. Kubernetes' nodes are added first, then exporters, of both the live ones first: an address
 * belongs to who holds it now.
 */
export interface NodeInventory {
  readonly nodes: readonly Node[];
  /** A node that kube-state-metrics knows, in the window unless it is said. */
  addKubernetes(name: string, address: string | null, current?: boolean): Node;
  /** A node that bud-cluster knows, whose name for it may be an older one. */
  addListed(name: string, address: string | null): Node;
  /** A node-exporter by the labels of its `node_uname_info`; `live` where it was seen at the end. */
  addExporter(labels: Labels, how: { current: boolean; live: boolean }): Node;
  /** Says that machines behind one `instance` cannot be told apart. */
  markAmbiguous(instance: string): void;
  /** The node of node-exporter's series; `null` where it is one of several. */
  ofInstance(instance: string, current: boolean): Node | null;
  /** The node of a series, by whichever labels its exporter has; a new one where none fits. */
  find(labels: Labels, current: boolean): Node;
  /**
   * Of several node-exporters of a node the best covered one speaks for it, of those that are there at the end if any
   * are; asked only if there are several.
   */
  chooseInstances(coverage: () => (instance: string) => number): void;
  /** Whether a node has several node-exporters. */
  hasShared(): boolean;
  /** Instances behind which there are several machines. */
  readonly ambiguous: ReadonlySet<string>;
  /** Nodes of series that fit no node that is known. */
  readonly unknown: ReadonlySet<Node>;
}

type Entry = { -readonly [Key in keyof Node]: Node[Key] } & { readonly exporters: string[] };

/** Whether its exporters are scraped at addresses of pods, which are others whenever they start anew. */
const isScrapedInPods = ({ name, address, exporters }: Node) =>
  name !== null && address !== null && exporters.every((one) => addressOf(one) !== address);

/** An inventory without nodes. */
export function createNodeInventory(): NodeInventory {
  const nodes: Entry[] = [];
  const instances = new Map<string, Entry>();
  const names = createNameIndex<Entry>();
  const nodenames = createNameIndex<Entry>();
  const shortNames = createNameIndex<Entry>();
  const addresses = new Map<string, Entry>();
  const liveInstances = new Set<string>();
  const ambiguous = new Set<string>();
  const unknown = new Set<Node>();

  const indexNames = (node: Entry) => {
    names.add(node.name, node);
    nodenames.add(node.nodename, node);
    for (const name of [node.name, node.nodename]) {
      if (name !== null) shortNames.add(shortNameOf(name), node);
    }
    if (node.address !== null && !addresses.has(node.address)) addresses.set(node.address, node);
  };
  const add = (found: Partial<Node> & { key: string }): Entry => {
    const none = { address: null, instance: null, nodename: null, name: null, current: true };
    const node: Entry = { ...none, ...found, index: nodes.length, exporters: [] };
    nodes.push(node);
    indexNames(node);
    return node;
  };
  const byName = (name: string | null | undefined) =>
    names.only(name) ?? nodenames.only(name) ?? byShortName(name);
  const byShortName = (name: string | null | undefined) =>
    name == null ? undefined : shortNames.only(shortNameOf(name));
  const byAddress = (address: string) => addresses.get(canonical(address));
  /** Some write the address of a node where others have its name. */
  const byNameOrAddress = (value: string | undefined) =>
    value === undefined || value === ''
      ? undefined
      : (byName(value) ?? byAddress(addressOf(value)));
  const byLabels = (labels: Labels, names: readonly string[]) =>
    names.map((label) => byNameOrAddress(labels[label])).find((node) => node !== undefined);
  const seen = (node: Entry, current: boolean): Entry => {
    node.current ||= current;
    return node;
  };

  const addKubernetes = (name: string, address: string | null, current = true): Entry => {
    const known = names.only(name) ?? nodenames.only(name);
    const owner = address === null ? undefined : byAddress(address);
    const node = known ?? owner ?? byAddress(name) ?? byShortName(name);
    if (node !== undefined && (node.name === null || node.name === name)) {
      node.name = name;
      node.address ??= address === null ? null : canonical(address);
      indexNames(node);
      return seen(node, current);
    }
    // An address that another node holds since is not this one's any more.
    const own = address === null || owner !== undefined ? null : canonical(address);
    return add({ key: own === null ? name : (address ?? name), address: own, name, current });
  };

  /** The node of an exporter among those that are known. */
  const nodeOfExporter = (labels: Labels, host: string): Entry | undefined => {
    const { instance = '', nodename = '' } = labels;
    const twin = nodenames.only(nodename);
    const isTwin =
      twin?.exporters.some((other) => isNamedBy(other, nodename)) === true ||
      isNamedBy(instance, nodename);
    return (
      byLabels(labels, exporterNameLabels) ??
      names.only(nodename) ??
      byAddress(host) ??
      names.only(host) ??
      (isTwin ? twin : undefined) ??
      onlyNamed(byShortName(nodename)) ??
      onlyNamed(byShortName(host))
    );
  };
  /** Names of machines alone are often all the same: a short one says something of Kubernetes' nodes. */
  const onlyNamed = (node: Entry | undefined) => (node?.name == null ? undefined : node);

  return {
    nodes,
    ambiguous,
    unknown,
    addKubernetes,
    addListed(name, address) {
      const known = byName(name) ?? (address === null ? undefined : byAddress(address));
      return known === undefined ? addKubernetes(name, address) : seen(known, true);
    },
    addExporter(labels, { current, live }) {
      const { instance = '', nodename = '' } = labels;
      if (live) liveInstances.add(instance);
      const known = instances.get(instance);
      if (known !== undefined && (live || known.nodename === nodename)) {
        if (nodename !== '') known.nodename ??= nodename;
        indexNames(known);
        return seen(known, current);
      }
      const host = addressOf(instance);
      const isSame = isRenamed(known?.nodename ?? '', nodename) || names.only(host) === known;
      if (known !== undefined && isSame) return seen(known, current);
      const found = nodeOfExporter(labels, host);
      // The address is another machine's now: who held it before is a node without figures.
      if (known !== undefined) {
        const past = names.only(nodename) ?? nodenames.only(nodename);
        return past ?? add({ key: nodename, nodename, current });
      }
      const isFree = found !== undefined && (live || isScrapedInPods(found));
      const node = isFree
        ? found
        : add({ key: instance, address: addresses.has(host) ? null : host, current });
      node.exporters.push(instance);
      instances.set(instance, node);
      if (node.instance === null) {
        node.instance = instance;
        node.key = instance;
      }
      if (nodename !== '') node.nodename ??= nodename;
      node.address ??= host;
      indexNames(node);
      return seen(node, current);
    },
    markAmbiguous(instance) {
      ambiguous.add(instance);
    },
    ofInstance(instance, current) {
      if (ambiguous.has(instance)) return null;
      const known = instances.get(instance);
      if (known !== undefined) return seen(known, current);
      return this.addExporter({ instance }, { current, live: current });
    },
    find(labels, current) {
      const { instance = '' } = labels;
      const host = addressOf(instance);
      const named = nodeNameLabels.map((label) => labels[label] ?? '').find((name) => name !== '');
      const atHost = instances.get(instance) ?? byName(instance) ?? byAddress(host) ?? byName(host);
      // Of many machines behind one collector each name that nothing else knows is another of them.
      const isOther = named !== undefined && atHost !== undefined && unknown.has(atHost);
      const known = byLabels(labels, nodeNameLabels) ?? (isOther ? undefined : atHost);
      if (known !== undefined) return seen(known, current);
      const address = instance === '' || addresses.has(host) ? null : host;
      const node = add({ key: named ?? instance, address, name: named ?? instance, current });
      unknown.add(node);
      return node;
    },
    hasShared: () => nodes.some(({ exporters }) => exporters.length > 1),
    chooseInstances(coverage) {
      const shared = nodes.filter(({ exporters }) => exporters.length > 1);
      if (shared.length === 0) return;
      const covered = coverage();
      for (const node of shared) {
        const isLive = (instance: string) => Number(liveInstances.has(instance));
        // One elsewhere may be that of a virtual machine on it.
        const isAt = (instance: string) => Number(addressOf(instance) === node.address);
        const sorted = [...node.exporters].sort(
          (a, b) =>
            isLive(b) - isLive(a) ||
            covered(b) - covered(a) ||
            isAt(b) - isAt(a) ||
            (a < b ? -1 : 1),
        );
        node.instance = node.key = sorted[0] ?? node.key;
      }
    },
  };
}
