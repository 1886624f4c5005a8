import type { AlertMetric } from '@bud-monitoring/contracts';

/** What is watched, in words. */
export const alertNames: Readonly<Record<AlertMetric, string>> = {
  cpu_usage: 'CPU usage',
  memory_usage: 'Memory usage',
  disk_usage: 'Disk usage',
  network_errors: 'Network errors',
  node_not_ready: 'Node not ready',
};
