import { NONE } from '../figures.js';
import type { Findings } from '../findings.js';
import type { Ink } from '../ink.js';
import { alertLines } from './alerts.js';
import { fleetTable } from './fleet.js';
import { gpuTable } from './gpus.js';
import { monthTable } from './month.js';
import { nodeCard, nodesTable } from './nodes.js';
import { warningLines } from './warnings.js';

/** Where a person goes on from here. */
export interface Doors {
  gateway: string;
  token: string;
}

/** Everything the demo found, for a person to read. */
export function report(findings: Findings, doors: Doors, ink: Ink): string {
  const { clusters, month, live } = findings;
  const [first] = clusters;
  const sections: (string | null)[] = [
    heading(
      'The fleet now',
      'Dapr invocation: /clusters/{id}/metrics, /node-metrics, /alerts',
      ink,
    ),
    fleetTable(clusters, ink),
    alertLines(clusters, ink),
    warningLines(
      clusters.map(({ name, metrics }) => ({ name, warnings: metrics.warnings })),
      ink,
    ),
  ];
  if (first) {
    sections.push(
      heading(`The nodes of ${first.name}`, 'Dapr invocation: /clusters/{id}/node-metrics', ink),
      nodesTable(first.nodes, ink),
      warningLines([{ name: first.name, warnings: first.nodes.warnings }], ink),
      heading(
        `A month of ${first.name}`,
        'gateway: /api/clusters/{id}/metrics?time_range=month',
        ink,
      ),
      monthTable(month, ink),
      warningLines([{ name: first.name, warnings: month.warnings }], ink),
    );
  }
  for (const { name, metrics } of clusters) {
    const gpus = gpuTable(metrics, ink);
    if (gpus !== null) sections.push(heading(`The GPUs of ${name}`, '', ink), gpus);
  }
  if (live) {
    const entries = Object.values(live.metrics.nodes);
    const cards = Object.entries(live.nodes.nodes).map(([address, node]) => {
      const entry = entries.find(({ hostname }) => hostname === node.hostname);
      return nodeCard(address, node, entry, ink);
    });
    sections.push(
      heading('This machine, live', 'a real node-exporter, both answers together', ink),
      cards.join('\n\n'),
      warningLines([{ name: live.name, warnings: live.nodes.warnings }], ink),
    );
  }
  sections.push(heading('Go on from here', '', ink), links(findings, doors, ink));
  return sections.filter((section) => section !== null && section !== '').join('\n');
}

function heading(title: string, how: string, ink: Ink): string {
  return `\n${ink.strong(title)}${how === '' ? '' : ink.quiet(`   ${how}`)}\n`;
}

function links({ clusters }: Findings, { gateway, token }: Doors, ink: Ink): string {
  const width = Math.max(...clusters.map(({ name }) => name.length));
  const id = clusters[0]?.id ?? '';
  return [
    ...clusters.map(({ name, dashboard }) => `  ${name.padEnd(width)}   ${dashboard.url ?? NONE}`),
    '',
    `  ${ink.quiet('API docs')}   ${gateway}/api/metrics/docs`,
    `             ${gateway}/api/dashboards/docs`,
    `  ${ink.quiet('Ask')}        TOKEN=${token}`,
    `             curl -H "Authorization: Bearer $TOKEN" "${gateway}/api/clusters/${id}/metrics?time_range=7days"`,
  ].join('\n');
}
