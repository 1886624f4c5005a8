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
  name: z.string().meta({ description: 'Of the cluster; its id where no event named it' }),
  uid: z.string().meta({ description: "Grafana's uid of the main dashboard" }),
  version: z
    .int()
    .nullable()
    .meta({ description: "Grafana's version of the main dashboard; null where there is none" }),
  reason: z.string().optional().meta({ description: 'Why it failed' }),
  link: z
    .enum(['created', 'rotated', 'enabled', 'disabled', 'ended', 'unchanged'])
    .optional()
    .meta({
      description:
        '`dashboard-provisioned`: what happened to the public link since the last of these events. `rotated`: another took its place; `ended`: its time is over',
    }),
  url: z
    .string()
    .optional()
    .meta({ description: 'The public link; a secret, so only where it is configured to be sent' }),
  time: z.string().meta({ description: 'ISO 8601' }),
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
