import type { z } from 'zod';
import type { callerSchema } from '../api/caller.js';
import type { clusterSchema, fleetClusterSchema, fleetListSchema } from '../fleet.js';
import { cluster } from './example.js';

const summary: z.input<typeof fleetClusterSchema> = {
  ...cluster,
  state: 'warning',
  nodes: 3,
  ready: 2,
  cpu: { usage_percent: 30, cores: 12 },
  memory: { total_gib: 48, used_gib: 36, available_gib: 12, usage_percent: 75 },
  storage: { total_gib: 300, used_gib: 225, available_gib: 75, usage_percent: 75 },
  newest_sample_age_seconds: 12,
  alerts: { pending: 0, warning: 1, critical: 0 },
};

export const fleetList: z.input<typeof fleetListSchema> = {
  clusters: [summary],
  next: cluster.cluster_id,
  total: 240,
  warnings: [],
};

export const oneCluster: z.input<typeof clusterSchema> = { ...summary, warnings: [] };

export const caller: z.input<typeof callerSchema> = {
  subject: 'alice',
  kind: 'user',
  permissions: ['cluster:view'],
  clusters: [cluster.cluster_id],
  namespaces: null,
  expires_at: 1773147600,
};
