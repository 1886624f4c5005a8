import type { z } from 'zod';
import type {
  dashboardListSchema,
  grafanaDashboardSchema,
  sharingSchema,
  templateListSchema,
  templateReportSchema,
} from '../grafana-dashboard.js';
import { cluster } from './example.js';

type GrafanaDashboard = z.input<typeof grafanaDashboardSchema>;

/** Ready, with its link. */
export const ready: GrafanaDashboard = {
  ...cluster,
  url: 'https://grafana.example.com/public-dashboards/0f6b1c6d0c4e4a0f8a3f0d3b8f6f2c11',
  uid: cluster.cluster_id,
  status: 'ready',
  dashboards: [
    { template: 'cluster', uid: cluster.cluster_id, version: 1, drifted: false },
    { template: 'nodes', uid: `${cluster.cluster_id}-n`, version: 1, drifted: false },
  ],
  sharing: { enabled: true, expires_at: null },
};

/** Being worked on: the answer comes at once. */
export const pending: GrafanaDashboard = { ...ready, url: null, status: 'pending', dashboards: [] };

/** The link was switched off, or its dashboards were removed. */
export const disabled: GrafanaDashboard = {
  ...ready,
  url: null,
  status: 'disabled',
  sharing: { enabled: false, expires_at: null },
};

export const sharing: z.input<typeof sharingSchema> = {
  enabled: true,
  expires_at: '2026-04-01T00:00:00Z',
};

export const dashboardList: z.input<typeof dashboardListSchema> = {
  dashboards: [{ ...cluster, uid: cluster.cluster_id, status: 'ready', drifted: false }],
  next: null,
  counts: { failed: 0, unreadable: 0, deleting: 0, pending: 1, disabled: 0, ready: 239 },
};

/** A dashboard as a template, and what is said of it. */
export const template = {
  title: 'Kubernetes / $cluster_name',
  panels: [
    {
      type: 'stat',
      title: 'Targets',
      targets: [{ refId: 'A', expr: 'sum(up)' }],
    },
  ],
};

export const templateReport: z.input<typeof templateReportSchema> = {
  valid: false,
  panels: 1,
  queries: 1,
  problems: [
    {
      severity: 'error',
      path: 'panels[0].targets[0].expr',
      message: 'does not carry cluster="$cluster" in up',
    },
  ],
};

export const templateList: z.input<typeof templateListSchema> = {
  templates: [
    {
      name: 'cluster',
      title: 'Kubernetes / Compute Resources / Cluster',
      uid_suffix: '',
      valid: true,
      panels: 31,
      queries: 58,
      problems: [],
    },
  ],
};
