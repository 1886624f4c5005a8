import type { LabelMatcher } from '@bud-monitoring/promql';
import { matchAnyOf } from '../promql/matchers.js';
import type { Scope } from '../promql/scope.js';
import type { RangeAggregation } from './range-aggregation.js';

/** The target group of what node-exporter exposes. */
export const nodeExporterGroup = 'node';

interface Heartbeat {
  readonly metric: string;
  readonly matchers?: readonly LabelMatcher[];
}

/** Series that tell when node-exporter was scraped: the first that the cluster has. */
const heartbeats: readonly Heartbeat[] = [
  { metric: 'node_memory_MemTotal_bytes' },
  { metric: 'node_uname_info' },
  { metric: 'node_boot_time_seconds' },
  { metric: 'node_load1' },
  { metric: 'node_filesystem_size_bytes' },
  { metric: 'node_network_receive_bytes_total' },
  { metric: 'node_cpu_seconds_total', matchers: [{ label: 'mode', op: '=', value: 'idle' }] },
];

export const heartbeatMetrics: readonly string[] = heartbeats.map(({ metric }) => metric);

/** Selects the heartbeat of a cluster, of some of its instances; `null` where it has no node-exporter. */
export function heartbeatSelector(scope: Scope, instances?: readonly string[]): string | null {
  const heartbeat = heartbeats.find(({ metric }) => scope.has(metric));
  if (heartbeat === undefined) return null;
  const { metric, matchers = [] } = heartbeat;
  if (instances === undefined) return scope.select(metric, ...matchers);
  return scope.select(metric, ...matchers, matchAnyOf('instance', instances));
}

/**
 * Seconds in which node-exporter was seen, per instance. Duplicates add up here as they do in the
 * growth of a counter, so that they cancel in a mean.
 */
export function nodeCoveredSeconds(scope: Scope, aggregation: RangeAggregation): string | null {
  const heartbeat = heartbeatSelector(scope);
  if (heartbeat === null) return null;
  return `sum by (instance) (${perTarget(aggregation.coverage(heartbeat, nodeExporterGroup))})`;
}

/** Seconds in which any node was seen, `null` where there is no node-exporter. */
export function clusterCoveredSeconds(scope: Scope, aggregation: RangeAggregation): string | null {
  const heartbeat = heartbeatSelector(scope);
  return heartbeat === null ? null : aggregation.coverage(heartbeat, nodeExporterGroup, 'any');
}

/** Several devices or cores of one target are one heartbeat. */
export function perTarget(expr: string): string {
  return `max without (device, mountpoint, fstype, cpu, mode) (${expr})`;
}
