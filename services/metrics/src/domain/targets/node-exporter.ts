import { escapeRegex, type LabelMatcher } from '@bud-monitoring/promql';
import type { Figure } from '../promql/figure.js';
import type { Measure, Moment } from './range-aggregation.js';
import type { Scope } from '../promql/scope.js';

/** The family of what node-exporter exposes. */
export const nodeFamily = 'node';

interface Heartbeat {
  readonly metric: string;
  readonly matchers?: readonly LabelMatcher[];
}

/** What tells when node-exporter was scraped: the first that the cluster has. */
const beats: readonly Heartbeat[] = [
  { metric: 'node_memory_MemTotal_bytes' },
  { metric: 'node_uname_info' },
  { metric: 'node_boot_time_seconds' },
  { metric: 'node_load1' },
  { metric: 'node_filesystem_size_bytes' },
  { metric: 'node_network_receive_bytes_total' },
  { metric: 'node_cpu_seconds_total', matchers: [{ label: 'mode', op: '=', value: 'idle' }] },
];

export const heartbeats: readonly string[] = beats.map(({ metric }) => metric);

/** The heartbeat of a cluster, of some of its instances; `null` where it has no node-exporter. */
export function heartbeatOf(scope: Scope, instances?: readonly string[]): string | null {
  const heartbeat = beats.find(({ metric }) => scope.has(metric));
  if (heartbeat === undefined) return null;
  const { metric, matchers = [] } = heartbeat;
  if (instances === undefined) return scope.select(metric, ...matchers);
  const value = instances.map(escapeRegex).join('|');
  return scope.select(metric, ...matchers, { label: 'instance', op: '=~', value });
}

/**
 * Seconds in which node-exporter was seen, per instance. Duplicates add up here as they do in the
 * growth of a counter, so that they cancel in a mean.
 */
export function coveredOf(scope: Scope, measure: Measure): string | null {
  const heartbeat = heartbeatOf(scope);
  if (heartbeat === null) return null;
  return `sum by (instance) (${oneATarget(measure.coverage(heartbeat, nodeFamily))})`;
}

/** Seconds in which any node was seen, `null` where there is no node-exporter. */
export function clusterCoveredOf(scope: Scope, measure: Measure): string | null {
  const heartbeat = heartbeatOf(scope);
  return heartbeat === null ? null : measure.coverage(heartbeat, nodeFamily, 'any');
}

/** Several devices or cores of one target are one heartbeat. */
function oneATarget(expr: string): string {
  return `max without (device, mountpoint, fstype, cpu, mode) (${expr})`;
}

/** When node-exporter was heard of last, and of how many of an instance. */
export function heartbeatFigures(scope: Scope, moment: Moment): Figure[] {
  const heartbeat = heartbeatOf(scope);
  if (heartbeat === null) return [];
  return [
    { figure: 'heard', expr: `max by (instance) (timestamp(${heartbeat}))` },
    {
      figure: 'replicas',
      expr: `count by (instance) (${oneATarget(moment.latest(heartbeat))})`,
    },
  ];
}

/** Who came or went within the stretch of a rate: how often node-exporter was heard in it, and before. */
export function edgeFigures(scope: Scope, rateMs: number): Figure[] {
  const heartbeat = heartbeatOf(scope);
  if (heartbeat === null) return [];
  return [
    {
      figure: 'recent',
      expr: `max by (instance) (count_over_time(${heartbeat}[${rateMs - 1}ms]))`,
    },
    {
      figure: 'before',
      expr: `count by (instance) (last_over_time(${heartbeat}[${rateMs - 1}ms] offset ${rateMs}ms))`,
    },
  ];
}
