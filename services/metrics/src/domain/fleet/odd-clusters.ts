import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource, Row } from '../../ports.js';
import { byteBounds, fitsIn, plausible } from '../bounds.js';
import { runQueries } from '../promql/queries.js';
import type { ScopeSettings } from '../promql/scope.js';
import type { FleetNodes } from './fleet-nodes.js';
import { sizesByInstance } from './plan.js';

/** Figures of clusters, by figure. */
export type ClusterFigures = ReadonlyMap<string, ReadonlyMap<ClusterId, number>>;

/**
 * Sums of memory and storage, and the number of exporters, of clusters in which machines have several
 * node-exporters: node by node, in three requests; none where there is no such cluster.
 */
export async function readOddClusters(
  source: MetricSource,
  request: {
    readonly nodes: FleetNodes;
    readonly settings: ScopeSettings;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<{ figures: ClusterFigures; failed: boolean }> {
  const { nodes, settings, at, signal } = request;
  const { odd } = nodes;
  if (odd.length === 0) return { figures: new Map(), failed: false };
  const queries = sizesByInstance(settings, odd).map((figures) => ({
    group: 'sizes',
    figures,
    at,
  }));
  const { instant, failures } = await runQueries(source, queries, signal);
  const rowsOf = (figure: string) => instant.get(figure) ?? [];
  const figures = new Map<string, ReadonlyMap<ClusterId, number>>([
    ['exporters', new Map(odd.map((cluster) => [cluster, nodes.exporters(cluster)]))],
  ]);
  for (const id of ['memory', 'storage']) {
    const sums = sumsOf(nodes, rowsOf(`${id}:total`), rowsOf(`${id}:free`));
    figures.set(
      `${id}:total`,
      pick(sums, odd, ({ total }) => total),
    );
    figures.set(
      `${id}:free`,
      pick(sums, odd, ({ free }) => free),
    );
  }
  return { figures, failed: failures.length > 0 };
}

interface Size {
  total: number;
  free: number;
}

/** Sizes of clusters over the nodes that have both, and of which both can be. */
function sumsOf(nodes: FleetNodes, totals: readonly Row[], free: readonly Row[]) {
  const byNode = nodes.byNode(free);
  const sums = new Map<ClusterId, Size>();
  for (const [cluster, own] of nodes.byNode(totals)) {
    for (const [node, total] of own) {
      const rest = byNode.get(cluster)?.get(node);
      if (rest === undefined || !isSize(total, rest)) continue;
      const sum = sums.get(cluster) ?? { total: 0, free: 0 };
      sums.set(cluster, { total: sum.total + total, free: sum.free + rest });
    }
  }
  return sums;
}

function isSize(total: number, free: number): boolean {
  return plausible(total, byteBounds) !== null && free >= 0 && fitsIn(free, total);
}

function pick(
  sums: ReadonlyMap<ClusterId, Size>,
  clusters: readonly ClusterId[],
  of: (size: Size) => number,
): Map<ClusterId, number> {
  return new Map(
    clusters.flatMap((cluster) => {
      const size = sums.get(cluster);
      return size === undefined ? [] : [[cluster, of(size)]];
    }),
  );
}
