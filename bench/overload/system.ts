import { loadSeries, ramp, series, constant, service, startStack } from '@bud-monitoring/stack';
import type { Stack } from '@bud-monitoring/stack';
import { emptyBudCluster } from '../metrics/service.js';

export const cluster = '0f000000-0000-4000-8000-00000000c001';
const nodes = 20;
const interval = 15;

/** bud-metrics, which keeps answers for the time of the bench, behind the gateway, in front of a Prometheus with an hour of one cluster. */
export async function startOverloadSystem(): Promise<Stack> {
  const end = Math.floor(Date.now() / 1000);
  return startStack({
    prometheus: {
      prepare: async (paths) => {
        // Some future too, so that there are samples while the bench runs.
        await loadSeries({
          ...paths,
          start: end - 3600,
          end: end + 1800,
          interval,
          series: fleet(),
        });
      },
    },
    gateway: true,
    apps: [service('metrics', { METRICS_CACHE_TTL_SECONDS: '3600' }), emptyBudCluster],
    report: (line) => console.error(line),
  });
}

function fleet() {
  return Array.from({ length: nodes }, (_, index) => {
    const labels = { cluster, job: 'node-exporter', instance: `10.0.0.${index}:9100` };
    return [
      series('node_uname_info', { ...labels, nodename: `n-${index}` }, constant(1)),
      series('node_memory_MemTotal_bytes', labels, constant(2 ** 34)),
      series('node_memory_MemAvailable_bytes', labels, constant(2 ** 33)),
      ...['idle', 'user', 'system', 'iowait'].map((mode, n) =>
        series('node_cpu_seconds_total', { ...labels, cpu: '0', mode }, ramp(0.1 * (n + 1))),
      ),
    ];
  }).flat();
}
