import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { createNodeInventory, hostnameOf, type NodeInventory } from '../../nodes/inventory.js';
import { createClusterOf } from '../../promql/cluster-label.js';
import { clustersToName } from '../../promql/expression-limit.js';
import { queryFigures } from '../../promql/queries.js';
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
  const scope = fleetScope(settings, clustersToName(clusters, { occurrences: 2, rest: 1_550 }));
  const ofTheDay = (name: string, labels: string) =>
    `max by (cluster, ${labels}) (last_over_time(${scope.select(name)}[86399999ms]))`;
  const sent = [
    { figure: 'exporters', expr: ofTheDay('node_uname_info', 'instance, nodename') },
    { figure: 'kubernetes', expr: ofTheDay('kube_node_info', 'node, internal_ip') },
  ];
  const { figures } = await queryFigures(source, sent, { at, signal });
  const clusterOf = createClusterOf();
  const inventories = new Map<ClusterId, NodeInventory>();
  const inventoryOf = (cluster: ClusterId) => {
    const inventory = inventories.get(cluster) ?? createNodeInventory();
    inventories.set(cluster, inventory);
    return inventory;
  };
  for (const { metric } of figures.get('exporters') ?? []) {
    const cluster = clusterOf(metric);
    if (cluster !== null)
      inventoryOf(cluster).addInstance(metric['instance'] ?? '', metric['nodename'] ?? null, true);
  }
  for (const { metric } of figures.get('kubernetes') ?? []) {
    const cluster = clusterOf(metric);
    const { node = '', internal_ip: address = '' } = metric;
    if (cluster !== null) inventoryOf(cluster).addKubernetes(node, address === '' ? null : address);
  }
  return (cluster, metric, subject) => {
    const byName = metric === 'node_not_ready';
    const node = byName
      ? inventories.get(cluster)?.nodes.find(({ name }) => name === subject)
      : inventories.get(cluster)?.nodes.find(({ instance }) => instance === subject);
    if (node === undefined) return unnamed(cluster, metric, subject);
    return { metric, subject, node: node.key, hostname: byName ? subject : hostnameOf(node) };
  };
}
