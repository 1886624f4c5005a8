import type { ClusterId } from '@bud-monitoring/contracts';
import type { ClusterRegistry } from '../../ports.js';

/** The name of a cluster in answers: as events say, else its id; never a reason to fail. */
export type ClusterName = (cluster: ClusterId, signal: AbortSignal) => Promise<string>;

export function createClusterName({
  registry,
}: {
  registry: Pick<ClusterRegistry, 'get'>;
}): ClusterName {
  return async (cluster, signal) => {
    const record = await registry.get(cluster, signal).catch(() => null);
    return record?.name ?? cluster;
  };
}
