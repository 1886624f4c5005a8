import { z } from 'zod';
import { clusterIdSchema } from './cluster-id.js';
import { warningSchema } from './api/envelope.js';
import { pageLimitSchema } from './api/page-limit.js';

const figure = z.number().nullable();

const share = z.object({
  total_gib: figure,
  used_gib: figure,
  available_gib: figure,
  usage_percent: figure,
});

/** One cluster in the summary of the fleet. */
export const fleetClusterSchema = z.object({
  cluster_id: clusterIdSchema,
  name: z.string().nullable().meta({ description: 'As the newest cluster event says' }),
  nodes: figure.meta({ description: 'Nodes that node-exporter or kube-state-metrics knows now' }),
  ready: figure.meta({ description: 'Of them ready, as kube-state-metrics says' }),
  cpu: z.object({ usage_percent: figure, cores: figure }),
  memory: share,
  storage: share,
  newest_sample_age_seconds: figure.meta({ description: 'Null without a sample in a day' }),
  alerts: z.object({ pending: z.int(), warning: z.int(), critical: z.int() }).meta({
    description: 'Pending alerts, and firing ones by severity',
  }),
});
export type FleetCluster = z.infer<typeof fleetClusterSchema>;

/** The query of `GET /clusters`. */
export const fleetQuerySchema = z.object({
  limit: pageLimitSchema,
  cursor: clusterIdSchema.optional().meta({ description: '`next` of the page before' }),
  sort: z.enum(['id', 'need']).default('id').meta({
    description:
      'By id, or those first that need somebody: silent ones, then by nodes that are not ready and by the fullest of CPU, memory and storage. From one page to the next the order may change',
  }),
});
export type FleetQuery = z.output<typeof fleetQuerySchema>;

/** `data` of `GET /clusters`. */
export const fleetListSchema = z.object({
  clusters: z.array(fleetClusterSchema),
  total: z.int().meta({ description: 'Clusters that the caller may see' }),
  next: clusterIdSchema
    .nullable()
    .meta({ description: 'Cursor of the next page, null at the end' }),
  warnings: z.array(warningSchema),
});
export type FleetList = z.infer<typeof fleetListSchema>;
