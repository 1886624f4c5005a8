import type { ClusterMetrics, NodeMetrics } from '@bud-monitoring/contracts';
import { figure, NONE, percentBar, usedOfTotal } from '../figures.js';
import type { TerminalStyle } from '../terminal-style.js';
import { table } from '../table.js';

/** One cluster as both services' answers tell it. */
export interface ClusterView {
  name: string;
  metrics: ClusterMetrics;
  nodes: NodeMetrics;
}

/** All clusters, a row each. */
export function fleetTable(clusters: readonly ClusterView[], style: TerminalStyle): string {
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
      style.strong(name),
      coloured(coverage.nodes_reporting, coverage.nodes_expected, style),
      ready(nodes, style),
      percentBar(sum.cpu?.usage_percent, style),
      percentBar(sum.memory?.usage_percent, style),
      percentBar(sum.storage?.usage_percent, style),
      figure(sum.network_bandwidth?.total_mbps, 'Mbps'),
      figure(sum.power?.average_watts, 'W'),
    ];
  });
  return table(columns, rows, style);
}

/** Nodes that are ready of those whose readiness is known at all. */
function ready({ nodes }: NodeMetrics, style: TerminalStyle): string {
  const known = Object.values(nodes).filter(({ status }) => status !== 'Unknown');
  if (known.length === 0) return NONE;
  return coloured(known.filter(({ status }) => status === 'Ready').length, known.length, style);
}

function coloured(some: number, all: number, style: TerminalStyle): string {
  return some < all ? style.warning(usedOfTotal(some, all)) : usedOfTotal(some, all);
}
