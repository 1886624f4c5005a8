import { z } from 'zod';
import { clusterIdSchema } from './cluster-id.js';
import { warningSchema } from './api/envelope.js';

/** What is watched on every node. */
export const alertMetrics = [
  'cpu_usage',
  'memory_usage',
  'disk_usage',
  'network_errors',
  'node_not_ready',
] as const;
export type AlertMetric = (typeof alertMetrics)[number];

export const alertSeverities = ['warning', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

export const alertStates = ['pending', 'firing', 'resolved'] as const;
export type AlertState = (typeof alertStates)[number];

/** Why an alert is over: `disabled` by its cluster's thresholds, `cluster_deleted` with the cluster. */
export const alertReasons = ['recovered', 'no_data', 'disabled', 'cluster_deleted'] as const;
export type AlertReason = (typeof alertReasons)[number];

/** Dapr's state API keeps six decimals of a number: what is stored must be what was checked. */
const toFourDecimals = (value: number) => Math.round(value * 1e4) / 1e4;

function levels(most: number, unit: string) {
  const level = z.number().overwrite(toFourDecimals).positive().max(most);
  return z
    .strictObject({ warning: level, critical: level })
    .refine(({ warning, critical }) => warning < critical, {
      message: 'warning must be below critical',
      path: ['warning'],
    })
    .meta({ description: `${unit}; an alert fires at or above` });
}

const percent = () => levels(100, 'Percent');

const thresholdShape = {
  cpu_usage: percent(),
  memory_usage: percent(),
  disk_usage: percent(),
  network_errors: levels(1e9, 'Errors a minute, received and sent'),
  node_not_ready: z.strictObject({ enabled: z.boolean() }),
} as const satisfies Record<AlertMetric, z.ZodType>;

/** From which values on there are alerts. */
export const alertThresholdsSchema = z.strictObject(thresholdShape);
export type AlertThresholds = z.infer<typeof alertThresholdsSchema>;

/** The thresholds that a cluster has of its own: what is left out is as configured. */
export const alertOverridesSchema = alertThresholdsSchema.partial();

/** The body of `PUT /clusters/{cluster_id}/alert-thresholds`: nothing at all is more likely a mistake. */
export const putAlertThresholdsSchema = alertOverridesSchema.refine(
  (overrides) => Object.keys(overrides).length > 0,
  { message: 'names no threshold; DELETE takes all back to the defaults' },
);
export type AlertOverrides = z.infer<typeof alertOverridesSchema>;

/** `data` of `GET|PUT|DELETE /clusters/{cluster_id}/alert-thresholds`. */
export const clusterThresholdsSchema = z.object({
  cluster_id: clusterIdSchema,
  thresholds: alertThresholdsSchema,
  overridden: z
    .array(z.enum(alertMetrics))
    .meta({ description: 'Those that are not as configured for all clusters' }),
});
export type ClusterThresholds = z.infer<typeof clusterThresholdsSchema>;

const unixSeconds = z.int();

/** One alert of one node. */
export const alertSchema = z.object({
  severity: z.enum(alertSeverities),
  metric: z.enum(alertMetrics),
  node: z.string().meta({ description: 'Key of the node, as in /metrics' }),
  hostname: z.string().nullable(),
  value: z.number().meta({
    description:
      'Percent, or errors a minute; 1 for a node that is not ready. The last one there was',
  }),
  threshold: z.number(),
  message: z.string(),
  state: z.enum(alertStates),
  since: unixSeconds.meta({ description: 'When the state began' }),
  reason: z.enum(alertReasons).optional().meta({ description: 'Why it is resolved' }),
});
export type Alert = z.infer<typeof alertSchema>;

/** `data` of `GET /clusters/{cluster_id}/alerts`. */
export const alertListSchema = z.object({
  cluster_id: clusterIdSchema,
  evaluated_at: unixSeconds
    .nullable()
    .meta({ description: 'When the fleet was last evaluated; null for never' }),
  alerts: z.array(alertSchema),
  warnings: z.array(warningSchema),
});
export type AlertList = z.infer<typeof alertListSchema>;

/** The data of `cluster-alerts`: the alert after a change of its state or severity. */
export const alertEventSchema = alertSchema.extend({
  cluster_id: clusterIdSchema,
  previous_state: z.enum(alertStates).nullable().meta({ description: 'Null where there was none' }),
});
export type AlertEvent = z.infer<typeof alertEventSchema>;
