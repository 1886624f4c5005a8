import type { BudClusterClient } from '@bud-monitoring/client/bud-cluster';
import type { NodeDirectory } from '../ports.js';

/** bud-cluster, as the domain asks it. */
export function createNodeDirectory(client: BudClusterClient): NodeDirectory {
  return {
    nodes: (cluster, signal) => client.nodes(cluster, signal),
    eventCounts: (cluster, signal) => client.eventsCountByNode(cluster, signal),
    events: (cluster, node, signal) => client.nodeEvents(cluster, node, signal),
  };
}
