import type { ClusterId } from '@bud-monitoring/contracts';
import { byteBounds, fitsIn, plausible } from '../../bounds.js';
import type { Figures } from '../../promql/figure.js';
import type { FleetNodes } from './fleet-nodes.js';

/** Bytes of a cluster, over the nodes that have both and of which both can be. */
export interface ClusterSize {
  total: number;
  free: number;
}

/** What can be said of memory or storage: sums by cluster, and the clusters with nodes whose sizes cannot be. */
export interface FleetSizes {
  readonly clusters: ReadonlyMap<ClusterId, ClusterSize>;
  readonly implausible: ReadonlySet<ClusterId>;
}

/** Adds up memory or storage by cluster, each node once. */
export function sizesOf(id: 'memory' | 'storage', figures: Figures, nodes: FleetNodes): FleetSizes {
  const free = nodes.byNode(figures.get(`${id}:free`) ?? []);
  const clusters = new Map<ClusterId, ClusterSize>();
  const implausible = new Set<ClusterId>();
  for (const [cluster, own] of nodes.byNode(figures.get(`${id}:total`) ?? [])) {
    for (const [node, total] of own) {
      const rest = free.get(cluster)?.get(node);
      if (rest === undefined || !isSize(total, rest)) {
        if (rest !== undefined || plausible(total, byteBounds) === null) implausible.add(cluster);
        continue;
      }
      const sum = clusters.get(cluster) ?? { total: 0, free: 0 };
      clusters.set(cluster, { total: sum.total + total, free: sum.free + rest });
    }
  }
  return { clusters, implausible };
}

function isSize(total: number, free: number): boolean {
  return plausible(total, byteBounds) !== null && free >= 0 && fitsIn(free, total);
}
