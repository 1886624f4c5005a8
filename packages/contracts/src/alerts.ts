import { z } from 'zod';
import { clusterIdSchema } from './cluster-id.js';
import { warningsSchema } from './api/envelope.js';
import { nextSchema, pageQuery } from './api/page.js';
import { clusterNameSchema } from './fleet.js';
import { hostnameSchema } from './metrics.js';

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
  const level = (what: string) =>
    z.number().overwrite(toFourDecimals).positive().max(most).meta({ description: what });
  return z
    .strictObject({
      warning: level('A warning from here on'),
      critical: level('Critical from here on'),
    })
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
  node_not_ready: z
    .strictObject({ enabled: z.boolean().meta({ description: 'Whether there are such alerts' }) })
    .meta({ description: 'A node that Kubernetes calls not ready' }),
} as const satisfies Record<AlertMetric, z.ZodType>;

/** From which values on there are alerts. */
export const alertThresholdsSchema = z
  .strictObject(thresholdShape)
  .meta({ id: 'AlertThresholds', description: 'From which values on there are alerts' });
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
export const clusterThresholdsSchema = z
  .object({
    cluster_id: clusterIdSchema,
    thresholds: alertThresholdsSchema,
    overridden: z
      .array(z.enum(alertMetrics))
      .meta({ description: 'Those that are not as configured for all clusters' }),
  })
  .meta({ id: 'ClusterThresholds' });
export type ClusterThresholds = z.infer<typeof clusterThresholdsSchema>;

/** One alert of one node. */
export const alertSchema = z.object({
  severity: z.enum(alertSeverities).meta({ description: 'Which threshold is reached' }),
  metric: z.enum(alertMetrics).meta({ description: 'What is watched' }),
  node: z.string().meta({ description: 'Key of the node, as in /metrics' }),
  hostname: hostnameSchema,
  value: z.number().meta({
    description:
      'Percent, or errors a minute; 1 for a node that is not ready. The last one there was',
  }),
  threshold: z.number().meta({ description: 'In the unit of the value' }),
  message: z.string().meta({ description: 'The alert in a sentence' }),
  state: z.enum(alertStates).meta({ description: 'pending: not yet long enough to fire' }),
  since: z.int().meta({ description: 'When the state began, Unix seconds' }),
  reason: z.enum(alertReasons).optional().meta({ description: 'Why it is resolved' }),
});
export type Alert = z.infer<typeof alertSchema>;

/** An alert in a list: with what tells it from those of other nodes and clusters. */
const listedAlertSchema = alertSchema
  .extend({
    id: z.string().meta({
      description: 'The same as long as the alert is of this metric and node of this cluster',
    }),
    cluster_id: clusterIdSchema,
    cluster_name: clusterNameSchema,
  })
  .meta({ id: 'Alert' });
export type ListedAlert = z.infer<typeof listedAlertSchema>;

const evaluatedAt = z
  .int()
  .nullable()
  .meta({ description: 'When the fleet was last evaluated, Unix seconds; null for never' });

/** `data` of `GET /clusters/{cluster_id}/alerts`. */
export const alertListSchema = z
  .object({
    cluster_id: clusterIdSchema,
    evaluated_at: evaluatedAt,
    alerts: z.array(listedAlertSchema).meta({ description: 'The most urgent first' }),
    warnings: warningsSchema,
  })
  .meta({ id: 'AlertList' });
export type AlertList = z.infer<typeof alertListSchema>;

const alertFilter = {
  state: z.array(z.enum(alertStates)).max(3).optional().meta({
    description: 'Only alerts in one of these states',
  }),
  severity: z.array(z.enum(alertSeverities)).max(2).optional().meta({
    description: 'Only alerts of one of these severities',
  }),
  metric: z.array(z.enum(alertMetrics)).max(5).optional().meta({
    description: 'Only alerts of one of these metrics',
  }),
  cluster_id: z.array(clusterIdSchema).max(100).optional().meta({
    description: 'Only alerts of these clusters',
  }),
};

/** The query of `GET /streams/alerts`. */
export const alertFilterSchema = z.object(alertFilter);
export type AlertFilter = z.output<typeof alertFilterSchema>;

/** The query of `GET /alerts`. */
export const fleetAlertsQuerySchema = z.object({ ...pageQuery, ...alertFilter });

/** `data` of `GET /alerts`. */
export const fleetAlertListSchema = z
  .object({
    alerts: z
      .array(listedAlertSchema)
      .meta({ description: 'The most urgent first, of all clusters that the caller may see' }),
    next: nextSchema,
    total: z.int().meta({ description: 'Alerts on all pages' }),
    evaluated_at: evaluatedAt,
    warnings: warningsSchema,
  })
  .meta({ id: 'FleetAlertList' });
export type FleetAlertList = z.infer<typeof fleetAlertListSchema>;

/** The data of `cluster-alerts`: the alert after a change of its state or severity. */
export const alertEventSchema = alertSchema.extend({
  cluster_id: clusterIdSchema,
  previous_state: z.enum(alertStates).nullable().meta({ description: 'Null where there was none' }),
});
export type AlertEvent = z.infer<typeof alertEventSchema>;
