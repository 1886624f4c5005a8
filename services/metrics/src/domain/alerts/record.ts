import {
  alertMetrics,
  alertReasons,
  alertSeverities,
  alertStates,
  type AlertMetric,
  type AlertReason,
  type AlertSeverity,
} from '@bud-monitoring/contracts';
import { z } from 'zod';

const unixSeconds = z.number();

/** One alert as it is kept. */
export const alertRecordSchema = z.object({
  metric: z.enum(alertMetrics),
  /** What tells it from others of the metric: `instance`, or the Kubernetes node name. */
  subject: z.string(),
  /** Key and name of the node, as they were when the alert began. */
  node: z.string(),
  hostname: z.string().nullable(),
  state: z.enum(alertStates),
  severity: z.enum(alertSeverities),
  /** When the state began. */
  since: unixSeconds,
  value: z.number(),
  threshold: z.number(),
  /** Since when each level is reached; null where it is not. */
  held: z.object({ warning: unixSeconds.nullable(), critical: unixSeconds.nullable() }),
  /** When there last was a value. */
  seenAt: unixSeconds,
  reason: z.enum(alertReasons).nullable(),
});
export type AlertRecord = z.infer<typeof alertRecordSchema>;

/** From where on an alert of one severity is there, and down to where it stays. */
export interface Level {
  readonly severity: AlertSeverity;
  readonly threshold: number;
  /** A firing alert is over at or below this. */
  readonly clear: number;
}

/** How long things take, seconds. */
export interface AlertTimes {
  /** A level must be held so long before its alert fires. */
  readonly hold: number;
  /** Without data an alert stays as it is for so long. */
  readonly noData: number;
  /** Resolved alerts are listed for so long. */
  readonly listed: number;
}

export type { AlertMetric, AlertReason };
