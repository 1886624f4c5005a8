import { z } from 'zod';
import { clusterIdSchema } from './cluster-id.js';
import { warningsSchema } from './api/envelope.js';
import { nextSchema, pageQuery } from './api/page.js';
import { figure } from './api/figure.js';

const share = z
  .object({
    total_gib: figure('GiB'),
    used_gib: figure('total - available, GiB'),
    available_gib: figure('GiB'),
    usage_percent: figure('Used, percent of the total'),
  })
  .meta({ id: 'FleetShare' });

/**
 * How a cluster is at a glance: `critical` with a critical alert, `warning` with another that fires or a node that
 * is not ready, `silent` without a sample in 5 minutes, `unknown` where the store could not be asked.
 */
const clusterStates = ['healthy', 'warning', 'critical', 'silent', 'unknown'] as const;
export type ClusterHealth = (typeof clusterStates)[number];

/** The name of a cluster in every answer. */
export const clusterNameSchema = z
  .string()
  .meta({ description: 'Its name, as the newest cluster event says; its id until one names it' });

/** One cluster in the summary of the fleet. */
export const fleetClusterSchema = z
  .object({
    cluster_id: clusterIdSchema,
    name: clusterNameSchema,
    state: z.enum(clusterStates).meta({
      description:
        'silent: no sample in 5 minutes; critical: a critical alert fires; warning: another fires, or a node is not ready; unknown: the store could not be asked',
    }),
    nodes: figure('Nodes that node-exporter or kube-state-metrics knows now'),
    ready: figure('Of them ready, as kube-state-metrics says'),
    cpu: z
      .object({
        usage_percent: figure('Busy, percent of all cores'),
        cores: figure('Cores of all nodes'),
      })
      .meta({ description: 'CPU of all nodes' }),
    memory: share.meta({ description: 'Memory of all nodes' }),
    storage: share.meta({ description: 'The file systems that hold the data of the nodes' }),
    newest_sample_age_seconds: figure('Null without a sample in a day'),
    alerts: z
      .object({
        pending: z.int().meta({ description: 'Not yet long enough to fire' }),
        warning: z.int().meta({ description: 'Firing as warnings' }),
        critical: z.int().meta({ description: 'Firing as critical' }),
      })
      .meta({ description: 'Pending alerts, and firing ones by severity' }),
  })
  .meta({ id: 'FleetCluster' });
export type FleetCluster = z.infer<typeof fleetClusterSchema>;

/** What a list of clusters can be sorted by. */
const fleetSorts = [
  ...(['cluster_id', 'name', 'need', 'nodes', 'cpu', 'memory', 'storage', 'alerts'] as const),
] as const;
export type FleetSort = (typeof fleetSorts)[number];

/** The query of `GET /clusters`. */
export const fleetQuerySchema = z.object({
  ...pageQuery,
  search: z.string().max(100).optional().meta({
    description: 'Only clusters whose name or id contains this, in whatever case',
  }),
  state: z.array(z.enum(clusterStates)).max(5).optional().meta({
    description: 'Only clusters in one of these states',
  }),
  sort: z.enum(fleetSorts).default('cluster_id').meta({
    description:
      'need: those first that need somebody, silent ones, then by nodes that are not ready and by the fullest of CPU, memory and storage; cpu, memory and storage by usage; alerts by severity, then number. What has no figure comes last',
  }),
  order: z.enum(['asc', 'desc']).optional().meta({
    description: 'desc unless given for figures and alerts, asc for id and name',
  }),
  counts: z.enum(['true', 'false']).default('false').meta({
    description: 'Whether to count all clusters by state',
  }),
});
export type FleetQuery = z.output<typeof fleetQuerySchema>;

const counted = (description: string) => z.int().meta({ description });
const stateCountsSchema = z
  .object({
    healthy: counted('Nothing fires and all nodes are ready'),
    warning: counted('An alert fires, or a node is not ready'),
    critical: counted('A critical alert fires'),
    silent: counted('Without a sample in 5 minutes'),
    unknown: counted('While the store cannot be asked'),
  } satisfies Record<ClusterHealth, z.ZodType>)
  .meta({ id: 'StateCounts', description: 'Clusters in each state' });
/** How many clusters are in each state. */
export type StateCounts = z.infer<typeof stateCountsSchema>;

/** `data` of `GET /clusters`. */
export const fleetListSchema = z
  .object({
    clusters: z.array(fleetClusterSchema).meta({ description: 'One page' }),
    next: nextSchema,
    total: z.int().meta({ description: 'Clusters on all pages, of those that were asked for' }),
    states: stateCountsSchema.nullish().meta({
      description:
        'With `counts=true`: all clusters that the caller may see by state, whatever is searched for. By the recording rules of the fleet, so up to a minute old, where the store has them; null where it has not and there are more than 1,000 clusters',
    }),
    warnings: warningsSchema,
  })
  .meta({ id: 'FleetList' });
export type FleetList = z.infer<typeof fleetListSchema>;

/** `data` of `GET /clusters/{cluster_id}`. */
export const clusterSchema = fleetClusterSchema
  .extend({ warnings: warningsSchema })
  .meta({ id: 'Cluster' });
export type Cluster = z.infer<typeof clusterSchema>;
