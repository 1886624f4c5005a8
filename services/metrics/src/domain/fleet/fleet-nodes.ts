import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource, Row } from '../../ports.js';
import { createNodeInventory, type Node, type NodeInventory } from '../nodes/inventory.js';
import { readInventories } from '../nodes/read-inventories.js';
import { createClusterOf } from '../promql/cluster-label.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import type { SampledTarget } from '../time-base/read-samples.js';

/** The nodes of every cluster, each once. */
export interface FleetNodes {
  /** Clusters in which sums over instances would count a machine several times, or several as one. */
  readonly odd: readonly ClusterId[];
  /** How many nodes of a cluster have a node-exporter. */
  exporters(cluster: ClusterId): number;
  /** Of several node-exporters of a machine the one with the most samples speaks for it. */
  chooseInstances(exporters: Iterable<SampledTarget>): void;
  /** Values of rows by cluster and node: those of the instance that speaks for it, else of another. */
  byNode(rows: readonly Row[]): ReadonlyMap<ClusterId, ReadonlyMap<Node, number>>;
}

/** Reads who is there, in one request. Throws what the store throws. */
export async function readFleetNodes(
  source: Pick<MetricSource, 'query'>,
  request: {
    readonly settings: ScopeSettings;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<FleetNodes> {
  const { settings, at, signal } = request;
  const scope = fleetScope(settings);
  return fleetNodesOf(await readInventories(source, { scope, ofTheDay: false, at, signal }));
}

/** The nodes by what inventories say; every instance of another cluster is a node. */
export function fleetNodesOf(known: ReadonlyMap<ClusterId, NodeInventory>): FleetNodes {
  const inventories = new Map(known);
  const clusterOf = createClusterOf();
  const inventoryOf = (cluster: ClusterId) => {
    const inventory = inventories.get(cluster) ?? createNodeInventory();
    inventories.set(cluster, inventory);
    return inventory;
  };
  return {
    odd: [...inventories].flatMap(([cluster, inventory]) =>
      inventory.hasShared() || inventory.ambiguous.size > 0 ? [cluster] : [],
    ),
    exporters: (cluster) =>
      inventoryOf(cluster).nodes.filter(({ instance }) => instance !== null).length,
    chooseInstances(exporters) {
      const samples = new Map<string, number>();
      for (const { metric, times } of exporters) {
        const key = `${clusterOf(metric) ?? ''} ${metric['instance'] ?? ''}`;
        samples.set(key, Math.max(times.times.length, samples.get(key) ?? 0));
      }
      for (const [cluster, inventory] of inventories)
        inventory.chooseInstances(() => (instance) => samples.get(`${cluster} ${instance}`) ?? 0);
    },
    byNode(rows) {
      const clusters = new Map<ClusterId, Map<Node, number>>();
      for (const { metric, value } of rows) {
        const cluster = clusterOf(metric);
        const { instance = '' } = metric;
        const node = cluster === null ? null : inventoryOf(cluster).ofInstance(instance, true);
        if (cluster === null || node === null) continue;
        const own = clusters.get(cluster) ?? new Map<Node, number>();
        clusters.set(cluster, own);
        if (instance === node.instance || !own.has(node)) own.set(node, value);
      }
      return clusters;
    },
  };
}
