import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource, Row } from '../../../ports.js';
import { createNodeInventory, type Node, type NodeInventory } from '../../nodes/inventory.js';
import { readInventories } from '../../nodes/read-inventories.js';
import { createClusterOf } from '../../promql/cluster-label.js';
import type { Scope } from '../../promql/scope.js';
import type { SampledTarget } from '../../time-base/read-samples.js';

/** The nodes of every cluster, each once. */
export interface FleetNodes {
  /** How many nodes of a cluster have a node-exporter. */
  exporters(cluster: ClusterId): number;
  /** Of several node-exporters of a machine the one with the most samples speaks for it. */
  chooseInstances(exporters: Iterable<SampledTarget>): void;
  /** Values of rows by cluster and node: those of the instance that speaks for it, else of another. */
  byNode(rows: readonly Row[]): ReadonlyMap<ClusterId, ReadonlyMap<Node, number>>;
}

/** Reads who is there, in a request for each scope. Throws what the store throws. */
export async function readFleetNodes(
  source: Pick<MetricSource, 'query'>,
  request: {
    readonly scopes: readonly Scope[];
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<FleetNodes> {
  const { scopes, at, signal } = request;
  const inventories = await Promise.all(
    scopes.map((scope) => readInventories(source, { scope, ofTheDay: false, at, signal })),
  );
  return fleetNodesOf(new Map(inventories.flatMap((own) => [...own])));
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
