import type { ClusterMetrics } from '@bud-monitoring/contracts';
import { figure, NONE, percentBar, usedOfTotal } from '../figures.js';
import type { TerminalStyle } from '../terminal-style.js';
import { table } from '../table.js';

/** Every GPU of a cluster, a row each; nothing where there is none. */
export function gpuTable({ nodes }: ClusterMetrics, style: TerminalStyle): string | null {
  const columns = [
    { title: 'Node' },
    { title: 'GPU' },
    { title: 'Use' },
    { title: 'Memory', right: true },
    { title: 'Temperature', right: true },
    { title: 'Power', right: true },
  ];
  const rows = Object.values(nodes).flatMap(({ hostname, gpu }) =>
    (gpu?.devices ?? []).map((device) => [
      style.strong(hostname ?? NONE),
      device.model ?? device.vendor,
      percentBar(device.utilization_percent, style),
      usedOfTotal(device.memory_used_gib, device.memory_total_gib, 'GiB'),
      figure(device.temperature_celsius, '°C'),
      figure(device.watts, 'W'),
    ]),
  );
  return rows.length === 0 ? null : table(columns, rows, style);
}
