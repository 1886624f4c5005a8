import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { hostnameOf, type NodeInventory } from '../../nodes/inventory.js';
import { readInventories } from '../../nodes/read-inventories.js';
import type { Scope } from '../../promql/scope.js';
import type { AlertMetric } from '../record.js';
import type { Subject } from './alert-state.js';

/** What the subject of an alert is called: key and hostname of its node. */
export type NameOf = (cluster: ClusterId, metric: AlertMetric, subject: string) => Subject;

/** Used where the store could not be asked. */
export const unnamed: NameOf = (_cluster, metric, subject) => ({
  metric,
  subject,
  node: subject,
  hostname: metric === 'node_not_ready' ? subject : null,
});

/**
 * Reads the names of the nodes of some clusters, in a request for each scope. Of the last day: the exporter
 * of a node that is not ready is often silent too.
 */
export async function readNodeNames(
  source: MetricSource,
  options: {
    /** Those of the clusters. */
    scopes: readonly Scope[];
    at: number;
    signal: AbortSignal;
  },
): Promise<NameOf> {
  const { scopes, at, signal } = options;
  const inventories = new Map<ClusterId, NodeInventory>();
  for (const scope of scopes) {
    const own = await readInventories(source, { scope, ofTheDay: true, at, signal });
    for (const [cluster, inventory] of own) inventories.set(cluster, inventory);
  }
  return (cluster, metric, subject) => {
    const byName = metric === 'node_not_ready';
    const node = byName
      ? inventories.get(cluster)?.nodes.find(({ name }) => name === subject)
      : (inventories.get(cluster)?.ofInstance(subject, true) ?? undefined);
    if (node === undefined) return unnamed(cluster, metric, subject);
    return { metric, subject, node: node.key, hostname: byName ? subject : hostnameOf(node) };
  };
}
