import type { ClusterMetrics, NodeMetrics } from '@bud-monitoring/contracts';
import { figure, NONE, part, share } from '../figures.js';
import type { Ink } from '../ink.js';
import { table } from '../table.js';

/** One cluster as both services' answers tell it. */
export interface ClusterView {
  name: string;
  metrics: ClusterMetrics;
  nodes: NodeMetrics;
}

/** All clusters, a row each. */
export function fleetTable(clusters: readonly ClusterView[], ink: Ink): string {
  const columns = [
    { title: 'Cluster' },
    { title: 'Reporting', right: true },
    { title: 'Ready', right: true },
    { title: 'CPU' },
    { title: 'Memory' },
    { title: 'Storage' },
    { title: 'Network', right: true },
    { title: 'Power', right: true },
  ];
  const rows = clusters.map(({ name, metrics, nodes }) => {
    const { coverage, cluster_summary: sum } = metrics;
    return [
      ink.strong(name),
      coloured(coverage.nodes_reporting, coverage.nodes_expected, ink),
      ready(nodes, ink),
      share(sum.cpu?.usage_percent, ink),
      share(sum.memory?.usage_percent, ink),
      share(sum.storage?.usage_percent, ink),
      figure(sum.network_bandwidth?.total_mbps, 'Mbps'),
      figure(sum.power?.average_watts, 'W'),
    ];
  });
  return table(columns, rows, ink);
}

/** Nodes that are ready of those whose readiness is known at all. */
function ready({ nodes }: NodeMetrics, ink: Ink): string {
  const known = Object.values(nodes).filter(({ status }) => status !== 'Unknown');
  if (known.length === 0) return NONE;
  return coloured(known.filter(({ status }) => status === 'Ready').length, known.length, ink);
}

function coloured(some: number, all: number, ink: Ink): string {
  return some < all ? ink.doubtful(part(some, all)) : part(some, all);
}
