import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import { createClusterOf } from '../promql/cluster-label.js';
import { maxClusterIds } from '../promql/expression-limit.js';
import { queryFigures } from '../promql/queries.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import { rateBefore, type RateOf } from './rate-window.js';

/** How long samples may be on their way to the store (ms): rates of the fleet end so long ago. */
export const ingestionDelayMs = 60_000;

/** A rate window, and the clusters whose rates are read over it. */
export interface RateWindow {
  readonly name: string;
  /** Only of these clusters; of all where there are too many to name. */
  readonly clusters: readonly ClusterId[] | undefined;
  /** Longest scrape interval of its clusters. */
  readonly longestMs: number;
  readonly rateOf: RateOf;
}

/** How often the clusters of the fleet are scraped. */
export interface FleetIntervals {
  /** Scrape interval of a cluster, ms. */
  intervalMs(cluster: ClusterId): number;
  /** Few however many clusters there are. */
  readonly rateWindows: readonly RateWindow[];
  /** Name of the rate window of a cluster. */
  rateWindowOf(cluster: ClusterId): string;
}

/** Assumed of new clusters, ms. */
export const defaultIntervalMs = 60_000;
/** Longest interval of each group, ms; what is scraped yet more rarely has no current figures. */
const groupLimits = [60_000, 120_000, 300_000, 900_000];
/** Most clusters that are named, of all groups together: the expressions of CPU repeat each six times. */
const maxNamed = maxClusterIds({ occurrences: 6, rest: 5_200 });

/** Finds out how often each cluster is scraped, in one request. */
export async function readFleetIntervals(
  source: MetricSource,
  { settings, at, signal }: { settings: ScopeSettings; at: number; signal: AbortSignal },
): Promise<FleetIntervals> {
  const heartbeat = fleetScope(settings).select('node_memory_MemTotal_bytes');
  // The densest minutes of an hour: neither an outage nor a late start is a long scrape interval.
  const most = (minutes: number) =>
    `max by (cluster) (max_over_time(count_over_time(${heartbeat}[${60_000 * minutes - 1}ms])[59m59s:${minutes}m]))`;
  const sent = [
    { figure: 'short', expr: most(5) },
    { figure: 'long', expr: most(15) },
  ];
  const { figures } = await queryFigures(source, sent, { at, signal });
  const clusterOf = createClusterOf();
  const intervals = new Map<ClusterId, number>();
  for (const { metric, value } of figures.get('long') ?? []) {
    const cluster = clusterOf(metric);
    if (cluster !== null) intervals.set(cluster, Math.round(900_000 / value));
  }
  for (const { metric, value } of figures.get('short') ?? []) {
    const cluster = clusterOf(metric);
    if (cluster !== null && value >= 4) intervals.set(cluster, Math.round(300_000 / value));
  }
  return groupByInterval(intervals);
}

/** Rate windows for clusters with these scrape intervals (ms). */
function groupByInterval(intervals: ReadonlyMap<ClusterId, number>): FleetIntervals {
  const intervalMs = (cluster: ClusterId) => intervals.get(cluster) ?? defaultIntervalMs;
  const groupOf = (cluster: ClusterId) => {
    // What is counted is one sample more or less.
    const found = groupLimits.findIndex((limit) => 0.85 * intervalMs(cluster) <= limit);
    return found < 0 ? groupLimits.length - 1 : found;
  };
  const members = groupLimits.map((): ClusterId[] => []);
  for (const cluster of intervals.keys()) members[groupOf(cluster)]?.push(cluster);
  const slow = members.slice(1).flat().length;
  const rateWindows = groupLimits.flatMap((limit, index): RateWindow[] => {
    const own = members[index] ?? [];
    if (index > 0 && own.length === 0) return [];
    const isForAll = index === 0 || slow > maxNamed;
    const rateOf = rateBefore(ingestionDelayMs, limit);
    return [
      { name: String(index), clusters: isForAll ? undefined : own, longestMs: limit, rateOf },
    ];
  });
  return { intervalMs, rateWindows, rateWindowOf: (cluster) => String(groupOf(cluster)) };
}
