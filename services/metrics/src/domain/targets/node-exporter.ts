import type { LabelMatcher } from '@bud-monitoring/promql';
import { matchAnyOf } from '../promql/matchers.js';
import type { Scope } from '../promql/scope.js';
import type { TargetGroup } from '../time-base/target-group.js';

/** The target group of what node-exporter exposes. */
export const nodeExporterGroup = 'node';

interface Heartbeat {
  readonly metric: string;
  readonly matchers?: readonly LabelMatcher[];
}

const firstCore: LabelMatcher = { label: 'cpu', op: '=', value: '0' };
const idleMode: LabelMatcher = { label: 'mode', op: '=', value: 'idle' };

const memoryTotal: Heartbeat = { metric: 'node_memory_MemTotal_bytes' };

/** Series that tell when node-exporter was scraped: the first that the cluster has. */
const heartbeats: readonly Heartbeat[] = [
  memoryTotal,
  { metric: 'node_uname_info' },
  { metric: 'node_boot_time_seconds' },
  { metric: 'node_load1' },
  { metric: 'node_filesystem_size_bytes' },
  { metric: 'node_network_receive_bytes_total' },
  { metric: 'node_cpu_seconds_total', matchers: [idleMode] },
];

/** What tells when a target was scraped whose job takes counters alone. */
const counterHeartbeats = [
  { metric: 'node_cpu_seconds_total', matchers: [firstCore, idleMode] },
  { metric: 'node_network_receive_bytes_total', matchers: [] },
];

export const heartbeatMetrics: readonly string[] = heartbeats.map(({ metric }) => metric);

/** Labels that tell series of one node-exporter apart, of its heartbeats. */
const partLabels = [
  ...['cpu', 'mode', 'device', 'mountpoint', 'fstype'],
  ...['nodename', 'domainname', 'sysname', 'release', 'version', 'machine'],
];

/** Node-exporters, by the heartbeat that the cluster has. */
export function nodeTargets(scope: Scope): TargetGroup {
  const { metric, matchers = [] } = heartbeats.find((one) => scope.has(one.metric)) ?? memoryTotal;
  const labels = { without: partLabels };
  return { id: nodeExporterGroup, metric, matchers, substitutes: counterHeartbeats, labels };
}

/** Selects the heartbeat of a cluster, of some of its instances; `null` where it has no node-exporter. */
export function heartbeatSelector(scope: Scope, instances?: readonly string[]): string | null {
  const heartbeat = heartbeats.find(({ metric }) => scope.has(metric));
  if (heartbeat === undefined) return null;
  const { metric, matchers = [] } = heartbeat;
  if (instances === undefined) return scope.select(metric, ...matchers);
  return scope.select(metric, ...matchers, matchAnyOf('instance', instances));
}

/** Several devices or cores of one target are one heartbeat. */
export function perTarget(expr: string): string {
  return `max without (device, mountpoint, fstype, cpu, mode) (${expr})`;
}
