import type { ClusterMetrics, MetricName, TimeSeries } from '@bud-monitoring/contracts';
import { change, figure, sparkline } from '../figures.js';
import type { TerminalStyle } from '../terminal-style.js';
import { table } from '../table.js';

/** How a metric's average is read: its unit, and whether a change is one of a share. */
interface Reading {
  name: MetricName;
  title: string;
  unit: string;
  digits: number;
  change: '%' | 'pp';
}

const READINGS: readonly Reading[] = [
  { name: 'cpu', title: 'CPU', unit: '%', digits: 1, change: 'pp' },
  { name: 'memory', title: 'Memory', unit: '%', digits: 1, change: 'pp' },
  { name: 'storage', title: 'Storage', unit: '%', digits: 1, change: 'pp' },
  { name: 'network_in', title: 'Network in', unit: 'Mbps', digits: 1, change: '%' },
  { name: 'network_out', title: 'Network out', unit: 'Mbps', digits: 1, change: '%' },
  { name: 'power', title: 'Power', unit: 'W', digits: 0, change: '%' },
  { name: 'gpu', title: 'GPU', unit: '%', digits: 1, change: 'pp' },
];

/** The averages of a window against those of the window before, and the days between. */
export function monthTable(
  { cluster_summary: summary }: ClusterMetrics,
  style: TerminalStyle,
): string {
  const columns = [
    { title: 'Metric' },
    { title: 'This month', right: true },
    { title: 'Month before', right: true },
    { title: 'Change', right: true },
    { title: 'Day by day' },
  ];
  const rows = READINGS.flatMap(({ name, title, unit, digits, change: kind }) => {
    const metric = summary[name];
    if (metric === undefined) return [];
    return [
      [
        style.strong(title),
        figure(metric.average, unit, digits),
        figure(metric.previous_average, unit, digits),
        change(metric.change_percent, kind),
        style.bar(sparkline(valuesOf(metric.time_series))),
      ],
    ];
  });
  return table(columns, rows, style);
}

function valuesOf(series: TimeSeries | undefined): (number | null)[] {
  if (series === undefined) return [];
  return Array.isArray(series) ? series.map(({ value }) => value) : series.values;
}
