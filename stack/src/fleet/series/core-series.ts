import type { MetricName } from './metric-names.js';
import type { Cluster, Labels } from '../types.js';

const CORE: ReadonlySet<MetricName> = new Set<MetricName>([
  'node_memory_MemTotal_bytes',
  'node_memory_MemAvailable_bytes',
  'node_filesystem_size_bytes',
  'node_filesystem_avail_bytes',
  'instance:node_cpu_utilisation:rate5m',
  'node_rapl_package_joules_total',
  'kepler_node_package_joules_total',
  'kepler_node_platform_joules_total',
  'DCGM_FI_DEV_GPU_UTIL',
  'DCGM_FI_DEV_POWER_USAGE',
  'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
  'gpu_gfx_activity',
  'gpu_package_power',
  'gpu_energy_consumed',
  'habanalabs_utilization',
  'habanalabs_power_mW',
]);
const TRAFFIC: ReadonlySet<MetricName> = new Set<MetricName>([
  'node_network_receive_bytes_total',
  'node_network_transmit_bytes_total',
]);

/** Kepler's zones that stand for a node's whole power. */
const WHOLE = new Set(['package', 'psys']);

/** Whether means over weeks and months are made of this series. */
export function isCore(
  { exporters }: Pick<Cluster, 'exporters'>,
  name: MetricName,
  labels: Labels,
): boolean {
  if (TRAFFIC.has(name)) return labels['device'] === 'eth0';
  // Where CPU use is recorded nobody adds up cores and modes over a month.
  if (name === 'node_cpu_seconds_total') return exporters.recordingRules === 'none';
  if (name === 'kepler_node_cpu_joules_total') return WHOLE.has(labels['zone'] ?? '');
  return CORE.has(name);
}
