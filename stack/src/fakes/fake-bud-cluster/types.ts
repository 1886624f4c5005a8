import { clusterIdSchema } from '@bud-monitoring/contracts';
import { z } from 'zod';

/** One device of a node, in our own words; `hardware.ts` writes it as the years before wrote it. */
const hardwareSchema = z.object({
  kind: z.enum(['cpu', 'gpu', 'hpu']),
  name: z.string(),
  vendor: z.string(),
  /** Processors of the node (physical cores, for a CPU), or cards. */
  count: z.number().int().positive(),
  /** CPU only. */
  threadsPerCore: z.number().int().positive().optional(),
  /** Per card; GPU and HPU only. */
  memoryGb: z.number().positive().optional(),
});

/** A core/v1 event of a node as bud-cluster passes it on. */
const nodeEventSchema = z.object({
  type: z.enum(['Normal', 'Warning']),
  reason: z.string(),
  message: z.string(),
  count: z.number().int().nonnegative(),
  /** ISO 8601, or null. */
  first_timestamp: z.string().nullable(),
  last_timestamp: z.string().nullable(),
  source: z.object({ component: z.string(), host: z.string() }),
});

const fleetNodeSchema = z.object({
  /** The Kubernetes node name. */
  name: z.string(),
  internalIp: z.string(),
  type: z.enum(['cpu', 'gpu', 'hpu']),
  hardware: z.array(hardwareSchema),
  events: z.array(nodeEventSchema),
});

const fleetClusterSchema = z.object({
  clusterId: clusterIdSchema,
  name: z.string(),
  nodes: z.array(fleetNodeSchema),
});

/** The clusters a fake knows: what its fleet file holds. */
export const fleetSchema = z.array(fleetClusterSchema);

export type Hardware = z.infer<typeof hardwareSchema>;
export type NodeEvent = z.infer<typeof nodeEventSchema>;
export type FleetNode = z.infer<typeof fleetNodeSchema>;
/** As written by hand or by a generator: the id is any UUID text. */
export type FleetCluster = z.input<typeof fleetClusterSchema>;
