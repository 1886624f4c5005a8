import type { LabelMatcher } from '@bud-monitoring/promql';
import { matchAnyOf } from '../promql/matchers.js';
import type { Scope } from '../promql/scope.js';
import type { TargetGroup } from '../time-base/target-group.js';

/** The target group of what node-exporter exposes. */
export const nodeExporterGroup = 'node';

interface Heartbeat {
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
}

/** One of these modes is left where relabelling drops the others. */
const firstCore: Heartbeat = {
  metric: 'node_cpu_seconds_total',
  matchers: [
    { label: 'cpu', op: '=~', value: '(cpu)?0' },
    { label: 'mode', op: '=~', value: 'idle|user' },
  ],
};

const whole = (metric: string): Heartbeat => ({ metric, matchers: [] });
const memoryTotal = whole('node_memory_MemTotal_bytes');

/** Series that tell when node-exporter was scraped: the first that the cluster has. */
const heartbeats: readonly Heartbeat[] = [
  memoryTotal,
  whole('node_uname_info'),
  whole('node_boot_time_seconds'),
  whole('node_load1'),
  whole('node_filesystem_size_bytes'),
  whole('node_network_receive_bytes_total'),
  firstCore,
];

/** What tells when a target was scraped whose job takes counters alone. */
const counterHeartbeats = [firstCore, whole('node_network_receive_bytes_total')];

export const heartbeatMetrics: readonly string[] = heartbeats.map(({ metric }) => metric);

/** Labels that tell series of one node-exporter apart, of its heartbeats. */
const partLabels = [
  ...['cpu', 'mode', 'device', 'mountpoint', 'fstype'],
  ...['nodename', 'domainname', 'sysname', 'release', 'version', 'machine'],
];

/** Node-exporters, by the heartbeat that the cluster has. */
export function nodeTargets(scope: Scope): TargetGroup {
  const { metric, matchers } = heartbeats.find((one) => scope.has(one.metric)) ?? memoryTotal;
  const labels = { without: partLabels };
  return { id: nodeExporterGroup, metric, matchers, substitutes: counterHeartbeats, labels };
}

/** Selects the heartbeat of a cluster, of some of its instances; `null` where it has no node-exporter. */
export function heartbeatSelector(scope: Scope, instances?: readonly string[]): string | null {
  const heartbeat = heartbeats.find(({ metric }) => scope.has(metric));
  if (heartbeat === undefined) return null;
  const { metric, matchers } = heartbeat;
  if (instances === undefined) return scope.select(metric, ...matchers);
  return scope.select(metric, ...matchers, matchAnyOf('instance', instances));
}

/** Several devices or cores of one target are one heartbeat. */
export function perTarget(expr: string): string {
  return `max without (device, mountpoint, fstype, cpu, mode) (${expr})`;
}
