import { z } from 'zod';
import { clusterIdSchema } from './cluster-id.js';
import { envelope } from './api/envelope.js';

/**
 * Where a cluster's dashboards stand: `pending` is being worked on, `failed` waits for somebody to
 * mend what is named in `last_error`, `disabled` has no public link because somebody said so,
 * `deleting` belongs to a deleted cluster whose dashboards and link are still to be removed, and
 * `unreadable` has a stored record that this version cannot read: `last_error` names the ways out;
 * `orphaned`: Grafana holds dashboards of ours of a cluster that is not known (only in the list that asks
 * for it): POST adopts, DELETE removes them.
 */
export const dashboardStatusSchema = z.enum([
  'pending',
  'ready',
  'failed',
  'disabled',
  'deleting',
  'unreadable',
  'orphaned',
]);
export type DashboardStatus = z.infer<typeof dashboardStatusSchema>;

/** One dashboard of a cluster, as it stood when it was last written or checked. */
export const provisionedDashboardSchema = z.object({
  template: z.string(),
  uid: z.string(),
  version: z.int(),
  /** Changed by somebody else since our last write. */
  drifted: z.boolean(),
});

/** `GET /clusters/{cluster_id}/grafana-dashboard` */
export const grafanaDashboardSchema = z.object({
  cluster_id: clusterIdSchema,
  name: z.string(),
  /** The public link, null unless it works. */
  url: z.string().nullable(),
  /** Grafana's uid of the main dashboard. */
  uid: z.string(),
  status: dashboardStatusSchema,
  dashboards: z.array(provisionedDashboardSchema),
  sharing: z.object({
    enabled: z.boolean(),
    /** ISO 8601; null where the link does not end. */
    expires_at: z.string().nullable(),
  }),
  last_error: z.string().optional(),
  /** ISO 8601. */
  next_try: z.string().optional(),
});
export type GrafanaDashboard = z.infer<typeof grafanaDashboardSchema>;
export const grafanaDashboardAnswerSchema = envelope(
  'cluster.grafana-dashboard',
  grafanaDashboardSchema,
);

/** `PUT /clusters/{cluster_id}/grafana-dashboard/sharing` */
export const sharingSchema = z.strictObject({
  enabled: z.boolean(),
  /** ISO 8601 with an offset; the link ends then. */
  expires_at: z.iso.datetime({ offset: true }).nullish(),
});
export type Sharing = z.infer<typeof sharingSchema>;

/** `GET /dashboards`: one row a cluster; the links are not in it. */
export const dashboardListSchema = z.object({
  dashboards: z.array(
    grafanaDashboardSchema
      .pick({
        cluster_id: true,
        name: true,
        uid: true,
        status: true,
        last_error: true,
        next_try: true,
      })
      .extend({ drifted: z.boolean() }),
  ),
  /** Pass as `after` for the next page; null on the last one. */
  next: z.string().nullable(),
});
export type DashboardList = z.infer<typeof dashboardListSchema>;

/** One fault of a dashboard template; an error keeps it from being published, a warning does not. */
export const templateProblemSchema = z.object({
  severity: z.enum(['error', 'warning']),
  /** Where in the JSON, as `panels[3].targets[0].expr`. */
  path: z.string(),
  message: z.string(),
});
export type TemplateProblem = z.infer<typeof templateProblemSchema>;

/** What the lint says of a dashboard template. */
export const templateReportSchema = z.object({
  valid: z.boolean(),
  panels: z.int(),
  queries: z.int(),
  problems: z.array(templateProblemSchema),
});
export type TemplateReport = z.infer<typeof templateReportSchema>;

/** `GET /templates` */
export const templateListSchema = z.object({
  templates: z.array(
    templateReportSchema.extend({
      name: z.string(),
      title: z.string(),
      /** What follows the cluster id in Grafana's uid; empty for the main dashboard. */
      uid_suffix: z.string(),
    }),
  ),
});
export type TemplateList = z.infer<typeof templateListSchema>;

/** An event that was not taken, and why. */
export const deadLetterSchema = z.object({
  id: z.string(),
  topic: z.string(),
  reason: z.string(),
  cluster_id: clusterIdSchema.nullable(),
  source: z.string().nullable().meta({ description: 'CloudEvent source; null where it has none' }),
  event_id: z.string().nullable().meta({ description: 'CloudEvent id; null where it has none' }),
  payload: z.string().meta({ description: 'Its data as JSON text, cut to 500 characters' }),
  /** ISO 8601: when it was stored. */
  received_at: z.string(),
  /** ISO 8601: when it was last replayed with success. */
  replayed_at: z.string().nullable(),
  /** Bytes of the whole event. */
  bytes: z.int(),
  /** Only the first part of the event is stored, so that it cannot be replayed. */
  truncated: z.boolean(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** `GET /dead-letters/{id}`: with the event as JSON text, or its first part. */
export const deadLetterDetailsSchema = deadLetterSchema.extend({ message: z.string() });
export type DeadLetterDetails = z.infer<typeof deadLetterDetailsSchema>;

/** `GET /dead-letters`: newest first. */
export const deadLetterListSchema = z.object({
  dead_letters: z.array(deadLetterSchema),
  next: z.string().nullable(),
  /** How many there are on all pages. */
  total: z.int(),
});
export type DeadLetterList = z.infer<typeof deadLetterListSchema>;
