import type { NodeDetail, NodeEntry, NodeMetrics } from '@bud-monitoring/contracts';
import { figure, NONE, part, share, sparkline } from '../figures.js';
import type { Ink } from '../ink.js';
import { table } from '../table.js';

/** The nodes of one cluster, a row each. */
export function nodesTable({ nodes }: NodeMetrics, ink: Ink): string {
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
    ink.strong(node.hostname ?? NONE),
    address,
    status(node, ink),
    part(node.pods.current, node.pods.max),
    share(node.cpu.usage_percent, ink),
    share(node.memory.usage_percent, ink),
    figure(node.network.stats.receive_errors.current, '', 1),
    figure(node.events_count, ''),
    ink.bar(sparkline(node.network.bandwidth.map(({ mbps }) => mbps))),
  ]);
  return table(columns, rows, ink);
}

/** One node in full, a line for each thing that both answers know of it. */
export function nodeCard(
  address: string,
  node: NodeDetail,
  entry: NodeEntry | undefined,
  ink: Ink,
): string {
  const { system_info: system, cpu, memory } = node;
  const { storage, network_in: inbound, network_out: outbound } = entry ?? {};
  const lines: [string, string][] = [
    ['Node', `${ink.strong(node.hostname ?? NONE)} at ${address}`],
    ['Status', status(node, ink)],
    ['System', [system.os, system.kernel, system.architecture].filter(Boolean).join(', ') || NONE],
    ['CPU', `${share(cpu.usage_percent, ink)}  ${part(cpu.current, cpu.capacity, 'cores')}`],
    [
      'Memory',
      `${share(memory.usage_percent, ink)}  ${part(memory.current, memory.capacity, 'GiB')}`,
    ],
    [
      'Storage',
      `${share(storage?.usage_percent, ink)}  ${part(storage?.used_gib, storage?.total_gib, 'GiB')}`,
    ],
    [
      'Network',
      `${figure(inbound?.inbound_mbps, 'Mbps', 2)} in, ${figure(outbound?.outbound_mbps, 'Mbps', 2)} out`,
    ],
    ['Pods', part(node.pods.current, node.pods.max)],
    ['Events', figure(node.events_count, '')],
  ];
  return lines.map(([name, text]) => `  ${ink.quiet(name.padEnd(9))} ${text}`).join('\n');
}

function status({ status: word, conditions }: NodeDetail, ink: Ink): string {
  if (word === 'Ready') return ink.good(word);
  if (word === 'NotReady') return ink.bad(word);
  return conditions['Ready'] === undefined ? NONE : ink.doubtful(word);
}
