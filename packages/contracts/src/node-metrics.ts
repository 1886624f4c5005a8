import { z } from 'zod';
import { warningsSchema } from './api/envelope.js';
import { clusterIdSchema } from './cluster-id.js';
import { figure, optionalText, unixSeconds } from './api/figure.js';
import { clusterNameSchema } from './fleet.js';
import { coverageSchema, hostnameSchema, nodeKeySchema } from './metrics.js';

const rate = z
  .object({
    current: figure('In the newest 5 minutes, per second'),
    avg: figure('Mean of the hour, per second'),
    max: figure('Largest 5 minutes of the hour, per second'),
  })
  .meta({ id: 'NetworkRate' });
/** Events per second over the last hour, summed over the counted devices. */
export type NetworkRate = z.infer<typeof rate>;

const used = (unit: string) => ({
  current: figure(`In use, ${unit}`),
  capacity: figure(`There are, ${unit}`),
  usage_percent: figure('In use, percent of the capacity'),
});

export const nodeDetailSchema = z
  .object({
    node: nodeKeySchema,
    hostname: hostnameSchema,
    status: z.enum(['Ready', 'NotReady', 'Unknown']).meta({
      description: 'As kubectl says; Unknown only where kube-state-metrics says nothing',
    }),
    conditions: z.record(z.string(), z.enum(['True', 'False', 'Unknown'])).meta({
      description: 'The conditions of Kubernetes by name',
    }),
    system_info: z
      .object({
        os: optionalText('Name of the operating system'),
        kernel: optionalText('Release of the kernel'),
        architecture: optionalText('Of the machine, as `x86_64`'),
      })
      .meta({ description: 'What runs on the node' }),
    pods: z
      .object({
        current: figure('Running, as the kubelet says'),
        max: figure('Allowed'),
        available: figure('Ready'),
        desired: figure('Scheduled, and not ended'),
      })
      .meta({ description: 'Pods of the node' }),
    cpu: z.object(used('cores')).meta({ description: 'In cores' }),
    memory: z.object(used('GiB')).meta({ description: 'In GiB' }),
    network: z
      .object({
        bandwidth: z
          .array(
            z.object({
              timestamp: unixSeconds('End of the hour'),
              mbps: figure('In and out, 10^6 bit/s'),
            }),
          )
          .meta({ description: 'The last 24 hours, by the hour' }),
        stats: z
          .object({
            unit: z.literal('per second').meta({
              description:
                'Of all four; thresholds and values of network_errors alerts are a minute',
            }),
            receive_errors: rate.meta({ description: 'Packets received wrongly' }),
            transmit_errors: rate.meta({ description: 'Packets that could not be sent' }),
            receive_packets_dropped: rate.meta({ description: 'Packets dropped when received' }),
            transmit_packets_dropped: rate.meta({ description: 'Packets dropped when sent' }),
          })
          .meta({ description: 'Over the last hour, all counted devices together' }),
      })
      .meta({ description: 'Network of the node' }),
    events_count: figure('Kubernetes events of the node that bud-cluster knows'),
    capacity: z
      .record(z.string(), z.string())
      .meta({ description: 'As kube-state-metrics names it' }),
    id: optionalText("bud-cluster's id of the node"),
    devices: z
      .array(z.record(z.string(), z.unknown()))
      .nullable()
      .meta({ description: 'Its hardware, as bud-cluster describes it' }),
  })
  .meta({ id: 'NodeDetail' });
export type NodeDetail = z.infer<typeof nodeDetailSchema>;

/** `data` of `GET /clusters/{cluster_id}/node-metrics`; nodes by address without port. */
export const nodeMetricsSchema = z
  .object({
    cluster_id: clusterIdSchema,
    cluster_name: clusterNameSchema,
    nodes: z
      .record(z.string(), nodeDetailSchema)
      .meta({ description: 'By address without port, else by name' }),
    coverage: coverageSchema,
    warnings: warningsSchema,
  })
  .meta({ id: 'NodeMetrics' });
export type NodeMetrics = z.infer<typeof nodeMetricsSchema>;

const nodeEvent = z
  .object({
    type: optionalText('`Normal` or `Warning`'),
    reason: optionalText('One word, as `NodeNotReady`'),
    message: optionalText('A sentence'),
    count: z.int().meta({ description: 'How often it happened' }),
    first_timestamp: optionalText('ISO 8601'),
    last_timestamp: optionalText('ISO 8601'),
    source: z
      .object({
        component: optionalText('As `kubelet`'),
        host: optionalText('Where the component runs'),
      })
      .meta({ description: 'Who tells it' }),
  })
  .meta({ id: 'NodeEvent' });

/** `data` of `GET /clusters/{cluster_id}/node-events/{node}`; times are ISO 8601. */
export const nodeEventsSchema = z
  .object({
    node: z.string().meta({ description: 'Its name in Kubernetes' }),
    events: z.array(nodeEvent).meta({ description: 'As bud-cluster orders them' }),
  })
  .meta({ id: 'NodeEvents' });
export type NodeEvents = z.infer<typeof nodeEventsSchema>;
