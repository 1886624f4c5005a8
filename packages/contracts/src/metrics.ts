import { z } from 'zod';
import { clusterIdSchema } from './cluster-id.js';
import { warningSchema } from './api/envelope.js';
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

const figure = z.number().nullable();
const unixSeconds = z.number();

export const timeSeriesSchema = z.union([
  z.array(
    z.object({
      timestamp: unixSeconds,
      interval_start: unixSeconds.optional().meta({
        description:
          'With steps over 5 minutes: the value is the mean from here to the timestamp; the last interval may be unfinished',
      }),
      value: figure,
    }),
  ),
  z.object({
    start: unixSeconds,
    step: z.number(),
    values: z.array(figure),
    end: unixSeconds.optional().meta({
      description: 'Time of the last value, where its interval is unfinished',
    }),
  }),
]);
/** Points aligned to the step; `null` where nothing was measured. The second form is `series=columns`. */
export type TimeSeries = z.infer<typeof timeSeriesSchema>;

/** What every metric has beside its own figures. */
const compared = {
  average: figure.meta({ description: 'Mean over the window, in the unit of the series' }),
  previous_average: figure.meta({ description: 'Mean over the window before' }),
  change_percent: figure.meta({
    description:
      'The window against the one before: percentage points for shares (memory, cpu, storage, gpu), percent for network and power',
  }),
  time_series: timeSeriesSchema.optional(),
};

const share = {
  total_gib: figure,
  used_gib: figure.meta({
    description:
      'total - available, so that the two add up. `df` says less used where blocks are reserved for root, and `free` where caches can be dropped only in part',
  }),
  available_gib: figure.meta({ description: 'What programs may still use' }),
  usage_percent: figure,
};

/** The same node everywhere: in figures, details and alerts, whatever the key of the answer is. */
export const nodeKeySchema = z.string().meta({
  description:
    'The node, as every answer and alert names it: the `instance` of its node-exporter, else its address, else its name',
});

export const powerScopes = ['platform', 'psys', 'package', 'containers'] as const;
export type PowerScope = (typeof powerScopes)[number];

const gpuDevice = z.object({
  uuid: z.string(),
  vendor: z.enum(['nvidia', 'amd', 'intel']),
  model: z.string().nullable(),
  utilization_percent: figure,
  memory_used_gib: figure,
  memory_total_gib: figure,
  temperature_celsius: figure,
  watts: figure,
});
export type GpuDevice = z.infer<typeof gpuDevice>;

/**
 * The figures of each metric of a node and of a cluster. Units: GiB = 2^30 bytes, Mbps = 10^6 bit/s,
 * energy in kWh, power in W, percent of all cores. A figure without data is `null`.
 */
export const metricSchemas = {
  memory: z.object({ ...share, ...compared }),
  cpu: z.object({ usage_percent: figure, cores: figure, ...compared }),
  storage: z.object({
    mountpoint: z.string().optional().meta({
      description:
        'Of a node: the file system that holds its data, the root unless that is read-only or tiny',
    }),
    ...share,
    ...compared,
  }),
  network_in: z.object({ inbound_mbps: figure, ...compared }),
  network_out: z.object({ outbound_mbps: figure, ...compared }),
  network_bandwidth: z.object({ total_mbps: figure, ...compared }),
  power: z
    .object({
      total_kwh: figure,
      average_watts: figure,
      covered_seconds: figure,
      unit: z.literal('kWh'),
      source: z.string().nullable().meta({ description: 'The metric it comes from, or `mixed`' }),
      scope: z.enum([...powerScopes, 'mixed']).nullable(),
      estimated: z.boolean(),
      dram_kwh: figure.meta({ description: 'Beside the total, where DRAM is measured apart' }),
      ...compared,
    })
    .meta({ description: 'Averages and series in W; the change compares energy' }),
  gpu: z.object({
    devices: z.array(gpuDevice).optional().meta({ description: 'Of a node; not in the summary' }),
    utilization_percent: figure,
    memory_used_gib: figure,
    memory_total_gib: figure,
    watts: figure,
    energy_kwh: figure,
    ...compared,
  }),
} as const;
/** The keys under which metrics stand in a node and in the summary. */
export type MetricName = keyof typeof metricSchemas;
/** The wire form of one metric. */
export type MetricFields<Name extends MetricName> = z.infer<(typeof metricSchemas)[Name]>;

const metrics = z.object(metricSchemas).partial().shape;

export const workloadsSchema = z.object({
  pods: figure,
  pods_running: figure,
  namespaces: figure,
  deployments: figure,
  statefulsets: figure,
  daemonsets: figure,
  jobs: figure,
});
export type Workloads = z.infer<typeof workloadsSchema>;

export const nodeEntrySchema = z.object({
  node: nodeKeySchema,
  hostname: z.string().nullable(),
  last_seen: unixSeconds
    .optional()
    .meta({ description: 'Newest sample of a node that had none in the 5 minutes before the end' }),
  ...metrics,
});
export type NodeEntry = z.infer<typeof nodeEntrySchema>;

export const summarySchema = z.object({
  ...metrics,
  workloads: workloadsSchema.optional(),
  inference: inferenceSchema
    .optional()
    .meta({ description: 'The models that are served; absent where no server of models is seen' }),
});
export type Summary = z.infer<typeof summarySchema>;

export const coverageSchema = z.object({
  nodes_expected: z.int(),
  nodes_reporting: z.int(),
  newest_sample_age_seconds: figure,
});
/** How much of the cluster an answer speaks of. */
export type Coverage = z.infer<typeof coverageSchema>;

/** `data` of `GET /clusters/{cluster_id}/metrics`. Only the metrics asked for are present. */
export const clusterMetricsSchema = z.object({
  nodes: z.record(z.string(), nodeEntrySchema),
  cluster_summary: summarySchema,
  timestamp: z.string(),
  time_range: z.enum([...timeRanges, 'custom']),
  cluster_id: clusterIdSchema,
  metric_type: z.enum(metricTypes),
  window: z.object({
    start: unixSeconds,
    end: unixSeconds,
    step: z.number(),
    previous: z.object({ start: unixSeconds, end: unixSeconds }),
  }),
  coverage: coverageSchema,
  warnings: z.array(warningSchema),
});
export type ClusterMetrics = z.infer<typeof clusterMetricsSchema>;
