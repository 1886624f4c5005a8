import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { hostnameOf } from '../../nodes/inventory.js';
import { readInventories } from '../../nodes/read-inventories.js';
import { clustersToName } from '../../promql/expression-limit.js';
import { fleetScope, type ScopeSettings } from '../../promql/scope.js';
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
 * Reads the names of the nodes of some clusters, in one request. Of the last day: the exporter of a
 * node that is not ready is often silent too.
 */
export async function readNodeNames(
  source: MetricSource,
  options: {
    settings: ScopeSettings;
    clusters: readonly ClusterId[];
    at: number;
    signal: AbortSignal;
  },
): Promise<NameOf> {
  const { settings, clusters, at, signal } = options;
  const scope = fleetScope(settings, clustersToName(clusters, { occurrences: 4, rest: 2_400 }));
  const inventories = await readInventories(source, { scope, ofTheDay: true, at, signal });
  return (cluster, metric, subject) => {
    const byName = metric === 'node_not_ready';
    const node = byName
      ? inventories.get(cluster)?.nodes.find(({ name }) => name === subject)
      : (inventories.get(cluster)?.ofInstance(subject, true) ?? undefined);
    if (node === undefined) return unnamed(cluster, metric, subject);
    return { metric, subject, node: node.key, hostname: byName ? subject : hostnameOf(node) };
  };
}
