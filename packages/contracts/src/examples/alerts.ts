import type { z } from 'zod';
import type {
  alertListSchema,
  clusterThresholdsSchema,
  fleetAlertListSchema,
  putAlertThresholdsSchema,
} from '../alerts.js';
import { cluster } from './example.js';

const list = {
  evaluated_at: 1773144000,
  alerts: [
    {
      id: '9b1f0c4e5a7d3c215f1c0b4e9a7d3c21',
      cluster_id: cluster.cluster_id,
      cluster_name: cluster.name,
      severity: 'warning',
      metric: 'cpu_usage',
      node: '10.20.0.11:9100',
      hostname: 'worker-1',
      value: 64.5,
      threshold: 60,
      message: 'CPU usage of worker-1: 64.5 %, at or above 60 %',
      state: 'firing',
      since: 1773143640,
    },
  ],
  warnings: [],
} satisfies Omit<z.input<typeof alertListSchema>, 'cluster_id'>;

export const alertList: z.input<typeof alertListSchema> = {
  cluster_id: cluster.cluster_id,
  ...list,
};

export const fleetAlertList: z.input<typeof fleetAlertListSchema> = {
  ...list,
  next: null,
  total: 1,
};

/** What a cluster changes of the thresholds. */
export const overrides: z.input<typeof putAlertThresholdsSchema> = {
  cpu_usage: { warning: 60, critical: 80 },
};

const defaults: z.input<typeof clusterThresholdsSchema>['thresholds'] = {
  cpu_usage: { warning: 70, critical: 90 },
  memory_usage: { warning: 80, critical: 95 },
  disk_usage: { warning: 85, critical: 95 },
  network_errors: { warning: 100, critical: 500 },
  node_not_ready: { enabled: true },
};

export const thresholds: z.input<typeof clusterThresholdsSchema> = {
  cluster_id: cluster.cluster_id,
  thresholds: { ...defaults, ...overrides } as typeof defaults,
  overridden: ['cpu_usage'],
};

export const defaultThresholds: z.input<typeof clusterThresholdsSchema> = {
  cluster_id: cluster.cluster_id,
  thresholds: defaults,
  overridden: [],
};

/** The beginning of a rule file. */
export const ruleFile = `# Alerts of cluster ${cluster.cluster_id}.
groups:
  - name: "bud-monitoring-${cluster.cluster_id}"
    rules:
      - alert: NodeNotReady
        expr: "kube_node_status_condition{cluster=\\"${cluster.cluster_id}\\",condition=\\"Ready\\",status=\\"true\\"} == 0"
        for: 300s
        labels:
          severity: critical
`;
