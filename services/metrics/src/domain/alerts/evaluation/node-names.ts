import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { createClusterOf } from '../../promql/cluster-label.js';
import { createRoster, hostnameOf, type Roster } from '../../nodes/inventory.js';
import { figuresOf } from '../../promql/queries.js';
import { fleetScope, type StoreSettings } from '../../promql/scope.js';
import type { AlertMetric } from '../record.js';
import type { Subject } from './alert-state.js';

/** What the subject of an alert is called: key and hostname of its node. */
export type NameOf = (cluster: ClusterId, metric: AlertMetric, subject: string) => Subject;

/** Where nobody could be asked. */
export const unnamed: NameOf = (_cluster, metric, subject) => ({
  ...{ metric, subject, node: subject },
  hostname: metric === 'node_not_ready' ? subject : null,
});

/** Most clusters that are named, twice in an expression of 16 kB; above, all are asked of. */
const mostNamed = 200;

/**
 * Finds the names of the nodes of some clusters, in one request. Of the last day: the exporter of a
 * node that is not ready is often silent too.
 */
export async function readNames(
  source: MetricSource,
  options: {
    settings: StoreSettings;
    clusters: readonly ClusterId[];
    at: number;
    signal: AbortSignal;
  },
): Promise<NameOf> {
  const { settings, clusters, at, signal } = options;
  const scope = fleetScope(settings, clusters.length > mostNamed ? undefined : clusters);
  const ofTheDay = (name: string, labels: string) =>
    `max by (cluster, ${labels}) (last_over_time(${scope.select(name)}[86399999ms]))`;
  const asked = [
    { figure: 'exporters', expr: ofTheDay('node_uname_info', 'instance, nodename') },
    { figure: 'kubernetes', expr: ofTheDay('kube_node_info', 'node, internal_ip') },
  ];
  const { figures } = await figuresOf(source, asked, { at, signal });
  const clusterOf = createClusterOf();
  const rosters = new Map<ClusterId, Roster>();
  const rosterOf = (cluster: ClusterId) => {
    const roster = rosters.get(cluster) ?? createRoster();
    rosters.set(cluster, roster);
    return roster;
  };
  for (const { metric } of figures.get('exporters') ?? []) {
    const cluster = clusterOf(metric);
    if (cluster !== null)
      rosterOf(cluster).addInstance(metric['instance'] ?? '', metric['nodename'] ?? null, true);
  }
  for (const { metric } of figures.get('kubernetes') ?? []) {
    const cluster = clusterOf(metric);
    const { node = '', internal_ip: address = '' } = metric;
    if (cluster !== null) rosterOf(cluster).addKubernetes(node, address === '' ? null : address);
  }
  return (cluster, metric, subject) => {
    const byName = metric === 'node_not_ready';
    const node = byName
      ? rosters.get(cluster)?.nodes.find(({ name }) => name === subject)
      : rosters.get(cluster)?.nodes.find(({ instance }) => instance === subject);
    if (node === undefined) return unnamed(cluster, metric, subject);
    return { metric, subject, node: node.key, hostname: byName ? subject : hostnameOf(node) };
  };
}
