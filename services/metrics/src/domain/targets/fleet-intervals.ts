import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import { figuresOf } from '../promql/queries.js';
import { fleetScope, type StoreSettings } from '../promql/scope.js';
import { createClusterOf } from '../promql/cluster-label.js';
import { rateBefore, type RateOf } from '../metrics/fleet-expressions.js';

/** How long samples may be on their way to the store (ms): rates of the fleet end so long ago. */
export const settledMs = 60_000;

/** A stretch of time over which rates are read. */
export interface Stretch {
  readonly name: string;
  /** Only of these clusters; of all where there are too many to name. */
  readonly clusters: readonly ClusterId[] | undefined;
  /** Longest scrape interval of its clusters. */
  readonly longestMs: number;
  readonly rateOf: RateOf;
}

/** How often the clusters of the fleet are scraped. */
export interface Rhythm {
  /** Scrape interval of a cluster, ms. */
  intervalMs(cluster: ClusterId): number;
  /** Few however many clusters there are. */
  readonly stretches: readonly Stretch[];
  /** Name of the stretch that counts for a cluster. */
  stretchOf(cluster: ClusterId): string;
}

/** Assumed of clusters that have just come, ms. */
export const usualIntervalMs = 60_000;
/** Longest interval of each group, ms; what is scraped yet more rarely has no current figures. */
const groupLimits = [60_000, 120_000, 300_000, 900_000];
/** Most clusters that are named, of all groups together: six times each in an expression of 16 kB. */
const mostNamed = 50;

/** Finds out how often each cluster is scraped, in one request. */
export async function readRhythm(
  source: MetricSource,
  { settings, at, signal }: { settings: StoreSettings; at: number; signal: AbortSignal },
): Promise<Rhythm> {
  const heartbeat = fleetScope(settings).select('node_memory_MemTotal_bytes');
  // Of an hour the best stretch: neither an outage nor a late beginning is a slow rhythm.
  const most = (minutes: number) =>
    `max by (cluster) (max_over_time(count_over_time(${heartbeat}[${60_000 * minutes - 1}ms])[59m59s:${minutes}m]))`;
  const asked = [
    { figure: 'short', expr: most(5) },
    { figure: 'long', expr: most(15) },
  ];
  const { figures } = await figuresOf(source, asked, { at, signal });
  const clusterOf = createClusterOf();
  const intervals = new Map<ClusterId, number>();
  for (const { metric, value } of figures.get('long') ?? []) {
    const cluster = clusterOf(metric);
    if (cluster !== null) intervals.set(cluster, 900_000 / value);
  }
  for (const { metric, value } of figures.get('short') ?? []) {
    const cluster = clusterOf(metric);
    if (cluster !== null && value >= 4) intervals.set(cluster, 300_000 / value);
  }
  return rhythmOf(intervals);
}

/** The rhythm that follows from scrape intervals (ms) by cluster. */
function rhythmOf(intervals: ReadonlyMap<ClusterId, number>): Rhythm {
  const intervalMs = (cluster: ClusterId) => intervals.get(cluster) ?? usualIntervalMs;
  const groupOf = (cluster: ClusterId) => {
    // What is counted is one sample more or less.
    const found = groupLimits.findIndex((limit) => 0.85 * intervalMs(cluster) <= limit);
    return found < 0 ? groupLimits.length - 1 : found;
  };
  const members = groupLimits.map((): ClusterId[] => []);
  for (const cluster of intervals.keys()) members[groupOf(cluster)]?.push(cluster);
  const slow = members.slice(1).flat().length;
  const stretches = groupLimits.flatMap((limit, index): Stretch[] => {
    const own = members[index] ?? [];
    if (index > 0 && own.length === 0) return [];
    const all = index === 0 || slow > mostNamed;
    const rateOf = rateBefore(settledMs, limit);
    return [{ name: String(index), clusters: all ? undefined : own, longestMs: limit, rateOf }];
  });
  return { intervalMs, stretches, stretchOf: (cluster) => String(groupOf(cluster)) };
}
