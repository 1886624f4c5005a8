import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import { newestSample } from '../metrics/fleet-expressions.js';
import { createClusterOf } from '../promql/cluster-label.js';
import { clustersToName } from '../promql/expression-limit.js';
import { runQueries } from '../promql/queries.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';

/** The newest sample of clusters without a current one (Unix seconds); `null` where the store fails. */
export async function findLastSeen(
  source: MetricSource,
  options: {
    settings: ScopeSettings;
    clusters: readonly ClusterId[];
    at: number;
    signal: AbortSignal;
  },
): Promise<ReadonlyMap<ClusterId, number> | null> {
  const { settings, clusters, at, signal } = options;
  if (clusters.length === 0) return new Map();
  const scope = fleetScope(settings, clustersToName(clusters, { occurrences: 3, rest: 1_900 }));
  const newest = (expr: string) => `max by (cluster) (max_over_time((${expr})[1d:5m]))`;
  const kubernetes = `max by (cluster) (timestamp(${scope.select('kube_node_info')}))`;
  const figures = [
    { figure: 'exporters', expr: newest(newestSample(scope)) },
    { figure: 'kubernetes', expr: newest(kubernetes) },
  ];
  const query = { group: 'last samples', figures, at };
  const { instant, failures } = await runQueries(source, [query], signal);
  if (failures.length > 0) return null;
  const clusterOf = createClusterOf();
  const times = new Map<ClusterId, number>();
  for (const { metric, value } of [...instant.values()].flat()) {
    const cluster = clusterOf(metric);
    if (cluster !== null) times.set(cluster, Math.max(value, times.get(cluster) ?? 0));
  }
  return times;
}
