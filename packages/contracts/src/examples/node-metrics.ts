import type { z } from 'zod';
import type { nodeEventsSchema, nodeMetricsSchema } from '../node-metrics.js';
import { cluster } from './example.js';

const none = { current: 0, avg: 0, max: 0 };

export const nodeMetrics: z.input<typeof nodeMetricsSchema> = {
  cluster_id: cluster.cluster_id,
  cluster_name: cluster.name,
  nodes: {
    '10.20.0.11': {
      node: '10.20.0.11:9100',
      hostname: 'worker-1',
      status: 'Ready',
      conditions: { Ready: 'True', MemoryPressure: 'False' },
      system_info: { os: 'Ubuntu 24.04.1 LTS', kernel: '6.8.0', architecture: 'x86_64' },
      pods: { current: 17, max: 110, available: 16, desired: 17 },
      cpu: { current: 1.2, capacity: 4, usage_percent: 30 },
      memory: { current: 12, capacity: 16, usage_percent: 75 },
      network: {
        bandwidth: [
          { timestamp: 1773140400, mbps: null },
          { timestamp: 1773144000, mbps: 12 },
        ],
        stats: {
          unit: 'per second',
          receive_errors: { current: 0.2, avg: 0.05, max: 0.2 },
          transmit_errors: none,
          receive_packets_dropped: none,
          transmit_packets_dropped: none,
        },
      },
      events_count: 3,
      capacity: { cpu: '4', memory: '17179869184', pods: '110' },
      id: 'b0c1c2b4-8c0e-4f0e-9d53-0b8a4a5f7c11',
      devices: [{ type: 'cpu', name: 'AMD EPYC 9354' }],
    },
  },
  coverage: { nodes_expected: 1, nodes_reporting: 1, newest_sample_age_seconds: 12 },
  warnings: [],
};

export const nodeEvents: z.input<typeof nodeEventsSchema> = {
  node: 'worker-1',
  events: [
    {
      type: 'Warning',
      reason: 'NodeNotReady',
      message: 'Node worker-1 status is now: NodeNotReady',
      count: 2,
      first_timestamp: '2026-03-10T11:40:00Z',
      last_timestamp: '2026-03-10T11:55:00Z',
      source: { component: 'kubelet', host: 'worker-1' },
    },
  ],
};
