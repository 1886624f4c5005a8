import type { ClusterHealth, FleetCluster } from '@bud-monitoring/contracts';
import { silentAfter } from '../need.js';

/** How a cluster is at a glance. */
export function stateOf(
  cluster: Pick<FleetCluster, 'nodes' | 'ready' | 'newest_sample_age_seconds' | 'alerts'>,
): ClusterHealth {
  const { nodes, ready, newest_sample_age_seconds: age, alerts } = cluster;
  if (age === null || age > silentAfter) return 'silent';
  if (alerts.critical > 0) return 'critical';
  const isShort = nodes !== null && ready !== null && ready < nodes;
  return alerts.warning > 0 || isShort ? 'warning' : 'healthy';
}
