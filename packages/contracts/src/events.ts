import { z } from 'zod';
import { alertEventSchema } from './alerts.js';
import { clusterIdSchema } from './cluster-id.js';

/** The topics this product reads and writes. */
export const topics = {
  clusterCreated: 'cluster-created',
  clusterUpdated: 'cluster-updated',
  clusterDeleted: 'cluster-deleted',
  /** Bud's own stream: flat messages of many kinds, some of which announce a cluster. */
  budAppMessages: 'budAppMessages',
  /** Cluster events whose deliveries ran out. */
  deadLetter: 'cluster-events-dead-letter',
  clusterAlerts: 'cluster-alerts',
  dashboardProvisioned: 'dashboard-provisioned',
  dashboardFailed: 'dashboard-failed',
  dashboardRemoved: 'dashboard-removed',
} as const;

/** The data of `cluster-created`, `cluster-updated` and `cluster-deleted`; other fields are ignored. */
export const clusterEventDataSchema = z.object({
  cluster_id: clusterIdSchema,
  name: z
    .string()
    .nullish()
    .meta({ description: 'Kept in one line, without control characters, cut to 150 characters' }),
});
export type ClusterEventData = z.infer<typeof clusterEventDataSchema>;

/** The data of `dashboard-provisioned`, `dashboard-failed` and `dashboard-removed`. */
export const dashboardEventSchema = z.object({
  cluster_id: clusterIdSchema,
  name: z.string(),
  /** Grafana's uid of the main dashboard. */
  uid: z.string(),
  /** Grafana's version of the main dashboard; null where there is none. */
  version: z.int().nullable(),
  reason: z.string().optional(),
  /**
   * `dashboard-provisioned`: what happened to the public link since the last of these events. `rotated`:
   * another took its place; `ended`: its time is over.
   */
  link: z.enum(['created', 'rotated', 'enabled', 'disabled', 'ended', 'unchanged']).optional(),
  /** The public link; a secret, so only where it is configured to be sent. */
  url: z.string().optional(),
  /** ISO 8601. */
  time: z.string(),
});
export type DashboardEvent = z.infer<typeof dashboardEventSchema>;

/** The schema of the data of each topic whose events this product defines, read and written by it. */
export const eventSchemas = {
  [topics.clusterCreated]: clusterEventDataSchema,
  [topics.clusterUpdated]: clusterEventDataSchema,
  [topics.clusterDeleted]: clusterEventDataSchema,
  [topics.clusterAlerts]: alertEventSchema,
  [topics.dashboardProvisioned]: dashboardEventSchema,
  [topics.dashboardFailed]: dashboardEventSchema,
  [topics.dashboardRemoved]: dashboardEventSchema,
} as const;
