import { z } from 'zod';
import { warningSchema } from './api/envelope.js';
import { coverageSchema, nodeKeySchema } from './metrics.js';

const figure = z.number().nullable();

const rate = z.object({ current: figure, avg: figure, max: figure });
/** Events per second over the last hour, summed over the counted devices. */
export type NetworkRate = z.infer<typeof rate>;

export const nodeDetailSchema = z.object({
  node: nodeKeySchema,
  hostname: z.string().nullable(),
  status: z.enum(['Ready', 'NotReady', 'Unknown']),
  conditions: z.record(z.string(), z.enum(['True', 'False', 'Unknown'])),
  system_info: z.object({
    os: z.string().nullable(),
    kernel: z.string().nullable(),
    architecture: z.string().nullable(),
  }),
  pods: z
    .object({ current: figure, max: figure, available: figure, desired: figure })
    .meta({ description: 'Running, allowed, ready, and scheduled pods that have not ended' }),
  cpu: z.object({ current: figure, capacity: figure, usage_percent: figure }).meta({
    description: 'In cores',
  }),
  memory: z.object({ current: figure, capacity: figure, usage_percent: figure }).meta({
    description: 'In GiB',
  }),
  network: z.object({
    bandwidth: z.array(z.object({ timestamp: z.number(), mbps: figure })),
    stats: z.object({
      unit: z.literal('per second').meta({
        description: 'Of all four; thresholds and values of network_errors alerts are a minute',
      }),
      receive_errors: rate,
      transmit_errors: rate,
      receive_packets_dropped: rate,
      transmit_packets_dropped: rate,
    }),
  }),
  events_count: figure,
  capacity: z.record(z.string(), z.string()),
  id: z.string().nullable(),
  devices: z.array(z.record(z.string(), z.unknown())).nullable(),
});
export type NodeDetail = z.infer<typeof nodeDetailSchema>;

/** `data` of `GET /clusters/{cluster_id}/node-metrics`; nodes by address without port. */
export const nodeMetricsSchema = z.object({
  nodes: z.record(z.string(), nodeDetailSchema),
  coverage: coverageSchema,
  warnings: z.array(warningSchema),
});
export type NodeMetrics = z.infer<typeof nodeMetricsSchema>;

/** `data` of `GET /clusters/{cluster_id}/node-events/{node}`; times are ISO 8601. */
export const nodeEventsSchema = z.object({
  node: z.string(),
  events: z.array(
    z.object({
      type: z.string().nullable(),
      reason: z.string().nullable(),
      message: z.string().nullable(),
      count: z.int(),
      first_timestamp: z.string().nullable(),
      last_timestamp: z.string().nullable(),
      source: z.object({ component: z.string().nullable(), host: z.string().nullable() }),
    }),
  ),
});
export type NodeEvents = z.infer<typeof nodeEventsSchema>;
