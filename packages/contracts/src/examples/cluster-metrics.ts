import type { z } from 'zod';
import type { clusterMetricsSchema } from '../metrics.js';
import { cluster } from './example.js';

const points = (...values: number[]) =>
  values.map((value, index) => ({ timestamp: 1773143970 + 30 * index, value }));

const memory = {
  total_gib: 16,
  used_gib: 12,
  available_gib: 4,
  usage_percent: 75,
  average: 74.12,
  previous_average: 71.5,
  change_percent: 2.62,
  time_series: points(74.94, 75),
};

const cpu = {
  usage_percent: 30,
  cores: 4,
  average: 28.07,
  previous_average: 25.07,
  change_percent: 3,
  time_series: points(29.6, 30),
};

const power = {
  total_kwh: 0.008333,
  average_watts: 50,
  covered_seconds: 600,
  unit: 'kWh',
  source: 'kepler_node_package_joules_total',
  scope: 'package',
  estimated: false,
  dram_kwh: null,
  average: 50,
  previous_average: 40,
  change_percent: 25,
  time_series: points(49, 50),
} as const;

const node = '10.20.0.11:9100';

/** One node, and three of the metrics there are. */
export const clusterMetrics: z.input<typeof clusterMetricsSchema> = {
  nodes: { [node]: { node, hostname: 'worker-1', memory, cpu, power } },
  cluster_summary: { memory, cpu, power },
  timestamp: '2026-03-10T12:00:00.000Z',
  time_range: '10min',
  cluster_id: cluster.cluster_id,
  cluster_name: cluster.name,
  metric_type: 'all',
  window: {
    start: 1773143400,
    end: 1773144000,
    step: 30,
    previous: { start: 1773142800, end: 1773143400 },
  },
  coverage: { nodes_expected: 2, nodes_reporting: 1, newest_sample_age_seconds: 12 },
  warnings: [
    {
      code: 'node_exporter_missing',
      message: 'No node-exporter was seen in the window',
      nodes: ['10.20.0.12'],
    },
  ],
};
