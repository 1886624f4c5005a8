import { NONE } from '../figures.js';
import type { DemoResults } from '../results.js';
import type { TerminalStyle } from '../terminal-style.js';
import { alertLines } from './alerts.js';
import { fleetTable } from './fleet.js';
import { gpuTable } from './gpus.js';
import { monthTable } from './month.js';
import { nodeCard, nodesTable } from './nodes.js';
import { warningLines } from './warnings.js';

/** How to reach the running system. */
export interface AccessInfo {
  gateway: string;
  /** Null where none is served. */
  console: { url: string; password: string } | null;
  token: string;
}

/** The demo's output as text. */
export function report(results: DemoResults, access: AccessInfo, style: TerminalStyle): string {
  const { clusters, month, live } = results;
  const [first] = clusters;
  const sections: (string | null)[] = [
    heading(
      'The fleet now',
      'Dapr invocation: /clusters/{id}/metrics, /node-metrics, /alerts',
      style,
    ),
    fleetTable(clusters, style),
    alertLines(clusters, style),
    warningLines(
      clusters.map(({ name, metrics }) => ({ name, warnings: metrics.warnings })),
      style,
    ),
  ];
  if (first) {
    sections.push(
      heading(`The nodes of ${first.name}`, 'Dapr invocation: /clusters/{id}/node-metrics', style),
      nodesTable(first.nodes, style),
      warningLines([{ name: first.name, warnings: first.nodes.warnings }], style),
      heading(
        `A month of ${first.name}`,
        'gateway: /api/clusters/{id}/metrics?time_range=month',
        style,
      ),
      monthTable(month, style),
      warningLines([{ name: first.name, warnings: month.warnings }], style),
    );
  }
  for (const { name, metrics } of clusters) {
    const gpus = gpuTable(metrics, style);
    if (gpus !== null) sections.push(heading(`The GPUs of ${name}`, '', style), gpus);
  }
  if (live) {
    const entries = Object.values(live.metrics.nodes);
    const cards = Object.entries(live.nodes.nodes).map(([address, node]) => {
      const entry = entries.find(({ hostname }) => hostname === node.hostname);
      return nodeCard(address, node, entry, style);
    });
    sections.push(
      heading('This machine, live', 'a real node-exporter, both answers together', style),
      cards.join('\n\n'),
      warningLines([{ name: live.name, warnings: live.nodes.warnings }], style),
    );
  }
  sections.push(heading('Go on from here', '', style), links(results, access, style));
  return sections.filter((section) => section !== null && section !== '').join('\n');
}

function heading(title: string, how: string, style: TerminalStyle): string {
  return `\n${style.strong(title)}${how === '' ? '' : style.dim(`   ${how}`)}\n`;
}

function links(
  { clusters }: DemoResults,
  { gateway, console, token }: AccessInfo,
  style: TerminalStyle,
): string {
  const width = Math.max(...clusters.map(({ name }) => name.length));
  const id = clusters[0]?.id ?? '';
  return [
    ...(console === null
      ? []
      : [
          `  ${style.strong('Console')}    ${console.url}`,
          `             sign in as manager or viewer with the password ${console.password}`,
          '',
        ]),
    ...clusters.map(({ name, dashboard }) => `  ${name.padEnd(width)}   ${dashboard.url ?? NONE}`),
    '',
    `  ${style.dim('API docs')}   ${gateway}/api/metrics/docs`,
    `             ${gateway}/api/dashboards/docs`,
    `  ${style.dim('Ask')}        TOKEN=${token}`,
    `             curl -H "Authorization: Bearer $TOKEN" "${gateway}/api/clusters/${id}/metrics?time_range=7days"`,
  ].join('\n');
}
