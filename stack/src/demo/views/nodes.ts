import type { NodeDetail, NodeEntry, NodeMetrics } from '@bud-monitoring/contracts';
import { figure, NONE, percentBar, sparkline, usedOfTotal } from '../figures.js';
import type { TerminalStyle } from '../terminal-style.js';
import { table } from '../table.js';

/** The nodes of one cluster, a row each. */
export function nodesTable({ nodes }: NodeMetrics, style: TerminalStyle): string {
  const columns = [
    { title: 'Node' },
    { title: 'Address' },
    { title: 'Status' },
    { title: 'Pods', right: true },
    { title: 'CPU' },
    { title: 'Memory' },
    { title: 'Errors/s', right: true },
    { title: 'Events', right: true },
    { title: 'Network, 24 h' },
  ];
  const rows = Object.entries(nodes).map(([address, node]) => [
    style.strong(node.hostname ?? NONE),
    address,
    status(node, style),
    usedOfTotal(node.pods.current, node.pods.max),
    percentBar(node.cpu.usage_percent, style),
    percentBar(node.memory.usage_percent, style),
    figure(node.network.stats.receive_errors.current, '', 1),
    figure(node.events_count, ''),
    style.bar(sparkline(node.network.bandwidth.map(({ mbps }) => mbps))),
  ]);
  return table(columns, rows, style);
}

/** One node in full, a line for each thing that both answers know of it. */
export function nodeCard(
  address: string,
  node: NodeDetail,
  entry: NodeEntry | undefined,
  style: TerminalStyle,
): string {
  const { system_info: system, cpu, memory } = node;
  const { storage, network_in: inbound, network_out: outbound } = entry ?? {};
  const lines: [string, string][] = [
    ['Node', `${style.strong(node.hostname ?? NONE)} at ${address}`],
    ['Status', status(node, style)],
    ['System', [system.os, system.kernel, system.architecture].filter(Boolean).join(', ') || NONE],
    [
      'CPU',
      `${percentBar(cpu.usage_percent, style)}  ${usedOfTotal(cpu.current, cpu.capacity, 'cores')}`,
    ],
    [
      'Memory',
      `${percentBar(memory.usage_percent, style)}  ${usedOfTotal(memory.current, memory.capacity, 'GiB')}`,
    ],
    [
      'Storage',
      `${percentBar(storage?.usage_percent, style)}  ${usedOfTotal(storage?.used_gib, storage?.total_gib, 'GiB')}`,
    ],
    [
      'Network',
      `${figure(inbound?.inbound_mbps, 'Mbps', 2)} in, ${figure(outbound?.outbound_mbps, 'Mbps', 2)} out`,
    ],
    ['Pods', usedOfTotal(node.pods.current, node.pods.max)],
    ['Events', figure(node.events_count, '')],
  ];
  return lines.map(([name, text]) => `  ${style.dim(name.padEnd(9))} ${text}`).join('\n');
}

function status({ status: word, conditions }: NodeDetail, style: TerminalStyle): string {
  if (word === 'Ready') return style.ok(word);
  if (word === 'NotReady') return style.error(word);
  return conditions['Ready'] === undefined ? NONE : style.warning(word);
}
