import type { FleetCluster } from '@bud-monitoring/contracts';

/** How long after its newest sample a cluster is silent, seconds. */
export const silentAfter = 300;

/** What silence weighs; nothing weighs more. */
export const mostNeed = 300;

/**
 * How much somebody should look at a cluster, 0 to 300: most where it is silent; from 100 on where nodes are not
 * ready, by their share; besides by the fullest of CPU, memory and storage in percent. As the recording rule has it.
 */
export function needOf(cluster: FleetCluster): number {
  const { nodes, ready, newest_sample_age_seconds: age } = cluster;
  if (age === null || age > silentAfter) return mostNeed;
  const isUnready = nodes !== null && ready !== null && ready < nodes;
  const shares = [cluster.cpu, cluster.memory, cluster.storage];
  const fullest = Math.max(0, ...shares.map((share) => share.usage_percent ?? 0));
  return Math.min(mostNeed, (isUnready ? 100 * (2 - ready / nodes) : 0) + fullest);
}
