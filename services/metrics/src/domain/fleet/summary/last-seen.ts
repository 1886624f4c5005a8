import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { lastSampleFigures } from '../../metrics/fleet-expressions.js';
import { createClusterOf } from '../../promql/cluster-label.js';
import { runQueries } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';

/** The newest sample of clusters without a current one (Unix seconds); `null` where the store fails. */
export async function findLastSeen(
  source: MetricSource,
  options: {
    /** Those of the clusters. */
    scopes: readonly Scope[];
    at: number;
    signal: AbortSignal;
  },
): Promise<ReadonlyMap<ClusterId, number> | null> {
  const { scopes, at, signal } = options;
  const queries = scopes.map((scope) => {
    return { group: 'last samples', figures: lastSampleFigures(scope), at };
  });
  const { instant, failures } = await runQueries(source, queries, signal);
  if (failures.length > 0) return null;
  const clusterOf = createClusterOf();
  const times = new Map<ClusterId, number>();
  for (const { metric, value } of [...instant.values()].flat()) {
    const cluster = clusterOf(metric);
    if (cluster !== null) times.set(cluster, Math.max(value, times.get(cluster) ?? 0));
  }
  return times;
}
