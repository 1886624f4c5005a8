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

/** One alert as it is stored; what a later version adds is kept while the alert stays as it is. */
export const alertRecordSchema = z.looseObject({
  metric: z.enum(alertMetrics),
  /** Identifies it among those of the metric: `instance`, or the Kubernetes node name. */
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
  /** Seconds of evaluations since then that found none, and when the last of them was; absent while there is one. */
  silentFor: z.number().optional(),
  checkedAt: unixSeconds.optional(),
  reason: z.enum(alertReasons).nullable(),
  /** When each level last began and ceased to fire; absent in records of earlier versions. */
  firings: z
    .partialRecord(
      z.enum(alertSeverities),
      z.object({ from: unixSeconds, to: unixSeconds.nullable() }),
    )
    .optional(),
});
export type AlertRecord = z.infer<typeof alertRecordSchema>;

/** The threshold of one severity, and the value at which its alert clears. */
export interface Level {
  readonly severity: AlertSeverity;
  readonly threshold: number;
  /** A firing alert resolves at or below this. */
  readonly clear: number;
}

/** Durations, seconds. */
export interface AlertTimes {
  /** How long a level must be held before its alert fires. */
  readonly hold: number;
  /** How long an alert stays as it is without data. */
  readonly noData: number;
  /** How long resolved alerts are listed. */
  readonly listed: number;
}

export type { AlertMetric, AlertReason };
