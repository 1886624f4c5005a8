import type { ClusterId, FleetCluster, Warning } from '@bud-monitoring/contracts';
import type { Clock, ClusterRecord, MetricSource } from '../../ports.js';
import { createClusterOf } from '../promql/cluster-label.js';
import { queryFigures } from '../promql/queries.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import type { GrowthSemantics } from '../time-base/growth.js';
import { endReading } from '../targets/instant-reading.js';
import { warningsOfSources } from './first-contact.js';
import { listFleet, type FleetListing } from './listing.js';
import { mostNeed, needOf } from './need.js';
import { sourceFigures } from './plan.js';
import { needSeries } from './recording-rules.js';
import { summarizeClusters, type FleetSnapshot } from './summary.js';

/** The clusters of the store, asked for page by page. */
export interface Fleet {
  /** The ids of all clusters, in order. */
  ids(signal: AbortSignal): Promise<readonly ClusterId[]>;
  /** The same, those that need somebody most first. */
  idsByNeed(signal: AbortSignal): Promise<readonly ClusterId[]>;
  /** These clusters summed up, and what is wrong with the store. */
  summary(
    clusters: readonly ClusterId[],
    signal: AbortSignal,
  ): Promise<Pick<FleetSnapshot, 'clusters' | 'warnings'>>;
}

/** Loads a value once for all who ask for a key at a time, and may keep it for a while. */
export type Remember<T> = (
  key: string,
  signal: AbortSignal,
  load: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

export interface FleetOptions {
  source: MetricSource;
  settings: ScopeSettings;
  semantics: (signal: AbortSignal) => Promise<GrowthSemantics>;
  records: (signal: AbortSignal) => Promise<readonly ClusterRecord[]>;
  alerts: (signal: AbortSignal) => Promise<ReadonlyMap<string, FleetCluster['alerts']>>;
  clock: Clock;
  remember: {
    listing: Remember<FleetListing>;
    snapshot: Remember<FleetSnapshot>;
    order: Remember<readonly ClusterId[]>;
    sources: Remember<readonly Warning[]>;
  };
}

/** Clusters whose need is computed together where no rule records it. */
const shard = 100;

/** A page asks the store for its own clusters; what all are needed for comes from recording rules where it can. */
export function createFleet(options: FleetOptions): Fleet {
  const { source, settings, clock, remember } = options;
  const now = () => Math.floor(clock.now() / 1000);

  const listing = (signal: AbortSignal) =>
    remember.listing('listing', signal, async (own) =>
      listFleet(source, {
        settings,
        at: now(),
        records: await options.records(own),
        signal: own,
      }),
    );

  const snapshot = (known: FleetListing, clusters: readonly ClusterId[], signal: AbortSignal) =>
    remember.snapshot(clusters.join(' '), signal, async (own) => {
      const [semantics, alerts] = await Promise.all([options.semantics(own), options.alerts(own)]);
      const request = { settings, semantics, at: now(), listing: known, clusters, alerts };
      return summarizeClusters(source, { ...request, signal: own });
    });

  /** What no cluster has of what figures come from: of what a page lacks, all are asked. */
  const sourceWarnings = ({ lacks }: FleetSnapshot, signal: AbortSignal) =>
    lacks.length === 0
      ? []
      : remember.sources(lacks.join(' '), signal, async (own) => {
          const figures = sourceFigures(fleetScope(settings), lacks);
          const found = await queryFigures(source, figures, { at: now(), signal: own });
          return warningsOfSources((one) => !lacks.includes(one) || found.figures.has(one));
        });

  /** By the recording rule; null where it does not speak of nearly all clusters. */
  async function recordedNeed(
    known: FleetListing,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<ClusterId, number> | null> {
    const expr = `max by (cluster) (${endReading.latest(fleetScope(settings).select(needSeries))})`;
    const { series } = await source.query(expr, now(), signal);
    const clusterOf = createClusterOf();
    const need = new Map<ClusterId, number>();
    for (const { metric, value } of series) {
      const cluster = clusterOf(metric);
      if (cluster !== null) need.set(cluster, Math.max(value, need.get(cluster) ?? 0));
    }
    return need.size < 0.9 * known.labels.length ? null : need;
  }

  /** By shards, one after the other: they are many clusters. */
  async function computedNeed(
    known: FleetListing,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<ClusterId, number>> {
    const all = [...known.clusters.keys()];
    const need = new Map<ClusterId, number>();
    for (let first = 0; first < all.length; first += shard) {
      const { clusters } = await snapshot(known, all.slice(first, first + shard), signal);
      for (const cluster of clusters) need.set(cluster.cluster_id, needOf(cluster));
    }
    return need;
  }

  return {
    ids: async (signal) => [...(await listing(signal)).clusters.keys()],
    idsByNeed: (signal) =>
      remember.order('need', signal, async (own) => {
        const known = await listing(own);
        const need = (await recordedNeed(known, own)) ?? (await computedNeed(known, own));
        const of = (cluster: ClusterId) => need.get(cluster) ?? mostNeed;
        return [...known.clusters.keys()].sort((a, b) => of(b) - of(a));
      }),
    async summary(clusters, signal) {
      const known = await listing(signal);
      const summed = await snapshot(known, clusters, signal);
      return {
        clusters: summed.clusters,
        warnings: [
          ...known.warnings,
          ...summed.warnings,
          ...(await sourceWarnings(summed, signal)),
        ],
      };
    },
  };
}
