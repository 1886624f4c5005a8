import { z } from 'zod';
import { clusterIdSchema } from './cluster-id.js';
import { warningsSchema } from './api/envelope.js';
import { figure, optionalText, unixSeconds } from './api/figure.js';
import { clusterNameSchema } from './fleet.js';
import { compared } from './api/time-series.js';
import { inferenceSchema } from './inference.js';

/** The named time ranges of `GET /clusters/{cluster_id}/metrics`. */
export const timeRanges = ['10min', 'today', '7days', 'month'] as const;
export type TimeRange = (typeof timeRanges)[number];

const timeRange = z.enum(timeRanges);

/** What a window is compared with. */
const comparisons = ['previous', 'day', 'week'] as const;
export type Comparison = (typeof comparisons)[number];

/** What may be asked for as `metric_type`; `hpu` is `gpu` limited to Gaudi. */
export const metricTypes = [
  'all',
  'memory',
  'cpu',
  'disk',
  'network',
  'network_in',
  'network_out',
  'network_bandwidth',
  'power',
  'gpu',
  'hpu',
  'inference',
] as const;
export type MetricType = (typeof metricTypes)[number];

/** The query of `GET /clusters/{cluster_id}/metrics`; ranges are resolved by the service. */
export const metricsQuerySchema = z.object({
  time_range: timeRange.optional().meta({
    description:
      '10min (step 30 s), today (00:00 UTC to now, 5 min), 7days (6 h) or month (30 days, 1 d); today unless given',
  }),
  filter: timeRange.optional().meta({ description: 'Another spelling of time_range' }),
  metric_type: z
    .enum([...metricTypes, 'storage'])
    .default('all')
    .transform((type): MetricType => (type === 'storage' ? 'disk' : type))
    .meta({ description: 'What to answer; storage is another spelling of disk' }),
  series: z.enum(['true', 'false', 'columns']).optional().meta({
    description:
      'Whether each metric carries its time series: a list of points, or columns. On for up to 50 nodes unless given',
  }),
  node: z
    .array(z.string().min(1).max(253))
    .max(500)
    .optional()
    .meta({ description: 'Only these nodes, by key, address or hostname; the summary follows' }),
  start: z.string().optional().meta({ description: 'Free range: Unix seconds or RFC 3339' }),
  end: z.string().optional().meta({ description: 'Free range: Unix seconds or RFC 3339; now' }),
  step: z.string().optional().meta({ description: 'Free range: seconds or a duration as 5m' }),
  compare: z.enum(comparisons).optional().meta({
    description:
      'What the window is compared with: the span just before (previous), or the same span a day or a week earlier; today: day, others: previous, unless given',
  }),
  timezone: z.string().max(64).optional().meta({
    description:
      'Time zone of the IANA list, as Asia/Kolkata: where the day of today begins and which midnights points are at, by its offset at the end; UTC unless given',
  }),
});
export type MetricsQuery = z.output<typeof metricsQuerySchema>;

const share = {
  total_gib: figure('GiB'),
  used_gib: figure(
    'total - available, so that the two add up, GiB. `df` says less used where blocks are reserved for root, and `free` where caches can be dropped only in part',
  ),
  available_gib: figure('What programs may still use, GiB'),
  usage_percent: figure('Used, percent of the total'),
};

/** The same node everywhere: in figures, details and alerts, whatever the key of the answer is. */
export const nodeKeySchema = z.string().meta({
  description:
    'The node, as every answer and alert names it: the `instance` of its node-exporter, else its address, else its name',
});

export const powerScopes = ['platform', 'psys', 'package', 'containers'] as const;
export type PowerScope = (typeof powerScopes)[number];

const gpuDevice = z
  .object({
    uuid: z.string().meta({ description: 'As its vendor names it; of a slice, of the whole GPU' }),
    vendor: z.enum(['nvidia', 'amd', 'intel']).meta({ description: 'Who made it' }),
    model: optionalText('As its exporter names it'),
    utilization_percent: figure('How busy it is, percent'),
    memory_used_gib: figure('GiB'),
    memory_total_gib: figure('GiB'),
    temperature_celsius: figure('Of the GPU, degrees Celsius'),
    watts: figure('What it draws, W'),
  })
  .meta({ id: 'GpuDevice' });
export type GpuDevice = z.infer<typeof gpuDevice>;

/**
 * The figures of each metric of a node and of a cluster. Units: GiB = 2^30 bytes, Mbps = 10^6 bit/s,
 * energy in kWh, power in W, percent of all cores. A figure without data is `null`.
 */
export const metricSchemas = {
  memory: z.object({ ...share, ...compared }).meta({ id: 'MemoryFigures' }),
  cpu: z
    .object({
      usage_percent: figure('Busy, percent of all cores'),
      cores: figure('Cores there are'),
      ...compared,
    })
    .meta({ id: 'CpuFigures' }),
  storage: z
    .object({
      mountpoint: z.string().optional().meta({
        description:
          'Of a node: the file system that holds its data, the root unless that is read-only or tiny',
      }),
      ...share,
      ...compared,
    })
    .meta({ id: 'StorageFigures' }),
  network_in: z
    .object({ inbound_mbps: figure('Received, 10^6 bit/s'), ...compared })
    .meta({ id: 'NetworkInFigures' }),
  network_out: z
    .object({ outbound_mbps: figure('Sent, 10^6 bit/s'), ...compared })
    .meta({ id: 'NetworkOutFigures' }),
  network_bandwidth: z
    .object({ total_mbps: figure('Received and sent, 10^6 bit/s'), ...compared })
    .meta({ id: 'BandwidthFigures' }),
  power: z
    .object({
      total_kwh: figure('Energy over the covered time, kWh'),
      average_watts: figure('Mean power over the covered time, W'),
      covered_seconds: figure('Seconds of the window that have samples'),
      unit: z.literal('kWh').meta({ description: 'Of the total' }),
      source: optionalText('The metric it comes from, or `mixed`'),
      scope: z
        .enum([...powerScopes, 'mixed'])
        .nullable()
        .meta({
          description: 'What of the machine is measured',
        }),
      estimated: z
        .boolean()
        .meta({ description: 'Whether the source estimates and does not measure' }),
      dram_kwh: figure('Beside the total, where DRAM is measured apart, kWh'),
      ...compared,
    })
    .meta({
      id: 'PowerFigures',
      description: 'Averages and series in W; the change compares energy',
    }),
  gpu: z
    .object({
      devices: z.array(gpuDevice).optional().meta({ description: 'Of a node; not in the summary' }),
      utilization_percent: figure('How busy they are, percent of all'),
      memory_used_gib: figure('GiB'),
      memory_total_gib: figure('GiB'),
      watts: figure('What they draw, W'),
      energy_kwh: figure('Energy over the window, kWh'),
      ...compared,
    })
    .meta({ id: 'GpuFigures' }),
} as const;
/** The keys under which metrics stand in a node and in the summary. */
export type MetricName = keyof typeof metricSchemas;
/** The wire form of one metric. */
export type MetricFields<Name extends MetricName> = z.infer<(typeof metricSchemas)[Name]>;

const metrics = z.object(metricSchemas).partial().shape;

export const workloadsSchema = z
  .object({
    pods: figure('All pods'),
    pods_running: figure('Of them running'),
    namespaces: figure('Namespaces'),
    deployments: figure('Deployments'),
    statefulsets: figure('StatefulSets'),
    daemonsets: figure('DaemonSets'),
    jobs: figure('Jobs'),
  })
  .meta({ id: 'Workloads', description: 'How many there are, as kube-state-metrics says' });
export type Workloads = z.infer<typeof workloadsSchema>;

export const hostnameSchema = optionalText('Its name in Kubernetes and to the kernel');

export const nodeEntrySchema = z
  .object({
    node: nodeKeySchema,
    hostname: hostnameSchema,
    last_seen: z.number().optional().meta({
      description:
        'Newest sample of a node that had none in the 5 minutes before the end; Unix seconds',
    }),
    ...metrics,
  })
  .meta({ id: 'NodeFigures' });
export type NodeEntry = z.infer<typeof nodeEntrySchema>;

export const summarySchema = z
  .object({
    ...metrics,
    workloads: workloadsSchema.optional(),
    inference: inferenceSchema.optional().meta({
      description: 'The models that are served; absent where no server of models is seen',
    }),
  })
  .meta({ id: 'ClusterSummary', description: 'All nodes of the answer together' });
export type Summary = z.infer<typeof summarySchema>;

export const coverageSchema = z
  .object({
    nodes_expected: z.int().meta({ description: 'Nodes that anybody knew in the window' }),
    nodes_reporting: z.int().meta({
      description: 'Of them with a sample in the 5 minutes before the end',
    }),
    newest_sample_age_seconds: figure('Age of the newest sample at the end of the window'),
  })
  .meta({ id: 'Coverage', description: 'How much of the cluster the answer speaks of' });
/** How much of the cluster an answer speaks of. */
export type Coverage = z.infer<typeof coverageSchema>;

/** `data` of `GET /clusters/{cluster_id}/metrics`. Only the metrics asked for are present. */
export const clusterMetricsSchema = z
  .object({
    nodes: z
      .record(z.string(), nodeEntrySchema)
      .meta({ description: 'By the `instance` of their node-exporter, else address, else name' }),
    cluster_summary: summarySchema,
    timestamp: z.string().meta({ description: 'When the answer was made, ISO 8601' }),
    time_range: z.enum([...timeRanges, 'custom']).meta({ description: 'What was asked for' }),
    cluster_id: clusterIdSchema,
    cluster_name: clusterNameSchema,
    metric_type: z.enum(metricTypes).meta({ description: 'What was asked for' }),
    window: z
      .object({
        start: unixSeconds('Where the window begins'),
        end: unixSeconds('Where it ends: figures are of this moment'),
        step: z.number().meta({ description: 'Of the series, seconds' }),
        previous: z
          .object({ start: unixSeconds('Its begin'), end: unixSeconds('Its end') })
          .meta({ description: 'The window it is compared with' }),
      })
      .meta({ description: 'What the answer is about' }),
    coverage: coverageSchema,
    warnings: warningsSchema,
  })
  .meta({ id: 'ClusterMetrics' });
export type ClusterMetrics = z.infer<typeof clusterMetricsSchema>;
