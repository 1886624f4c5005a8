import type { ClusterId } from '@bud-monitoring/contracts';
import type { NodeDirectory } from '../../ports.js';
import { addressOf, canonical } from '../nodes/address.js';
import type { NodeMetricsService } from './index.js';

/**
 * The Kubernetes name of a node by its key, address or hostname; null for one that nobody knows. bud-cluster is
 * asked first, and the store only for what that does not know.
 */
export function createNodeName(options: {
  directory: Pick<NodeDirectory, 'nodes'>;
  nodeMetrics: NodeMetricsService;
}) {
  return async (cluster: ClusterId, asked: string, signal: AbortSignal): Promise<string | null> => {
    const name = asked.toLowerCase();
    const address = addressOf(asked);
    const listed = await options.directory.nodes(cluster, signal);
    const own = listed.find(
      (node) =>
        node.name.toLowerCase() === name ||
        (node.internalIp !== null && canonical(node.internalIp) === address),
    );
    if (own !== undefined) return own.name;
    const { data } = await options.nodeMetrics(cluster, signal);
    for (const [key, { node, hostname }] of Object.entries(data.nodes)) {
      const names = [key, node, hostname].map((text) => text?.toLowerCase());
      if (names.includes(name) || canonical(key) === address) return hostname ?? key;
    }
    return null;
  };
}
