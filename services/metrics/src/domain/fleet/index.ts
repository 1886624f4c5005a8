import type {
  ClusterHealth,
  ClusterId,
  FleetCluster,
  FleetQuery,
  StateCounts,
  Warning,
} from '@bud-monitoring/contracts';
import type { Clock, MetricSource } from '../../ports.js';
import { queryFigures } from '../promql/queries.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import type { GrowthSemantics } from '../time-base/growth.js';
import {
  reaches,
  warningsOfSources,
  warningsOfStore,
  type Reach,
} from './listing/first-contact.js';
import { warningsOfTimes } from './listing/cluster-times.js';
import { listFleet, type FleetListing } from './listing/listing.js';
import { createLastKnown, type FleetWithoutStore } from './last-known.js';
import { createLastState, type FleetState } from './last-state.js';
import { mostNeed, needOf } from './need.js';
import { isSearched, needsSummaries, pageOfFleet, pageOfSummaries } from './page.js';
import { sourceFigures } from './summary/plan.js';
import { readRecorded } from './recorded.js';
import { needSeries } from './recording-rules.js';
import { countStates, readStates } from './states.js';
import { summarizeClusters, type FleetSnapshot } from './summary/summary.js';

/** The clusters of the store, summed up page by page. */
export interface Fleet {
  /**
   * A page of the clusters within reach. Throws an `InputError` for a cursor that is none. While the store is
   * away there are names, alerts and the last figures, or none.
   */
  page(
    query: FleetQuery,
    reach: Reach,
    signal: AbortSignal,
  ): Promise<{
    readonly clusters: readonly FleetCluster[];
    readonly next: string | null;
    readonly total: number;
    readonly warnings: readonly Warning[];
  }>;
  /** How many clusters within reach are in each state; null where that would take reading very many. */
  states(reach: Reach, signal: AbortSignal): Promise<StateCounts | null>;
  /** One cluster; null where there is none, or the store that may know it is away. */
  cluster(
    cluster: ClusterId,
    signal: AbortSignal,
  ): Promise<{ readonly cluster: FleetCluster | null; readonly warnings: readonly Warning[] }>;
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
  state: FleetState;
  clock: Clock;
  /** Whether an error is the store's, rather than that something is wrong here. */
  isUpstream: (error: unknown) => boolean;
  /** How long the last figures are given then, ms. */
  staleMs: number;
  remember: {
    listing: Remember<FleetListing>;
    snapshot: Remember<FleetSnapshot>;
    need: Remember<ReadonlyMap<ClusterId, number>>;
    states: Remember<{ readonly recorded: ReadonlyMap<ClusterId, ClusterHealth> | null }>;
    sources: Remember<readonly Warning[]>;
  };
}

/** Clusters whose need is computed together where no rule records it. */
const shard = 100;

/** Clusters whose states are counted one by one where no rule records them. */
const mostCounted = 1000;

/** A page asks the store for its own clusters; what all are needed for comes from recording rules where it can. */
export function createFleet(options: FleetOptions): Fleet {
  const { source, settings, clock, remember } = options;
  const now = () => Math.floor(clock.now() / 1000);
  const state = createLastState(options.state, { clock, keptMs: options.staleMs });

  const listing = (signal: AbortSignal) =>
    remember.listing('listing', signal, async (own) =>
      listFleet(source, {
        at: now(),
        records: await state.records(own),
        signal: own,
      }),
    );

  const lastKnown = createLastKnown({ keptMs: options.staleMs });

  const snapshot = (known: FleetListing, clusters: readonly ClusterId[], signal: AbortSignal) =>
    remember.snapshot(clusters.join(' '), signal, async (own) => {
      const [semantics, alerts] = await Promise.all([options.semantics(own), state.alerts(own)]);
      const request = { settings, semantics, at: now(), listing: known, clusters, alerts };
      const summed = await summarizeClusters(source, { ...request, signal: own });
      if (summed.complete) lastKnown.note(summed.clusters, clock.now());
      return summed;
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
    const request = { settings, at: now(), signal };
    const valuesOf = await readRecorded(source, { need: needSeries }, request);
    const need = valuesOf('need');
    return need.size < 0.9 * known.labels.length ? null : need;
  }

  /** By shards, one after the other: they are many clusters. */
  async function computedNeed(
    known: FleetListing,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<ClusterId, number>> {
    const all = await summaries(known, [...known.clusters.keys()], signal);
    const need = new Map<ClusterId, number>();
    for (const { clusters } of all)
      for (const cluster of clusters) need.set(cluster.cluster_id, needOf(cluster));
    return need;
  }

  const need = (known: FleetListing, signal: AbortSignal) =>
    remember.need('need', signal, async (own) => {
      return (await recordedNeed(known, own)) ?? (await computedNeed(known, own));
    });

  const recordedStates = ({ clusters }: FleetListing, signal: AbortSignal) =>
    remember.states('states', signal, async (own) => {
      const alerts = await state.alerts(own);
      const request = { settings, clusters: [...clusters.keys()], alerts, at: now(), signal: own };
      return { recorded: await readStates(source, request) };
    });

  /** Summaries of many clusters, by shards. */
  async function summaries(
    known: FleetListing,
    clusters: readonly ClusterId[],
    signal: AbortSignal,
  ): Promise<FleetSnapshot[]> {
    const found: FleetSnapshot[] = [];
    for (let first = 0; first < clusters.length; first += shard)
      found.push(await snapshot(known, clusters.slice(first, first + shard), signal));
    return found;
  }

  /** What the store says, or what is known without it. */
  async function orLastKnown<T>(
    signal: AbortSignal,
    ask: () => Promise<T>,
    without: (fleet: FleetWithoutStore) => T,
  ): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || !options.isUpstream(error)) throw error;
      const [records, alerts] = await Promise.all([state.records(signal), state.alerts(signal)]);
      return without(lastKnown.fleet({ records, alerts, at: clock.now() }));
    }
  }

  async function warningsOf(
    store: readonly Warning[],
    [first, ...others]: readonly FleetSnapshot[],
    signal: AbortSignal,
  ): Promise<Warning[]> {
    if (first === undefined) return [...store, ...state.warnings()];
    const all = [first, ...others];
    const shards = all.flatMap(({ warnings }) => warnings);
    return [
      ...store,
      ...warningsOfTimes(all.map(({ times }) => times)),
      // Shards may fail alike.
      ...new Map(shards.map((warning) => [warning.message, warning])).values(),
      ...(await sourceWarnings(first, signal)),
      ...state.warnings(),
    ];
  }

  return {
    page(query, reach, signal) {
      return orLastKnown(
        signal,
        async () => {
          const known = await listing(signal);
          const asked = [...known.clusters]
            .map(([id, record]) => ({ id, name: record?.name ?? id }))
            .filter(({ id, name }) => reaches(reach, id) && isSearched(query.search, id, name));
          if (!needsSummaries(query)) {
            const ranks = query.sort === 'need' ? await need(known, signal) : null;
            const rankOf = ({ id, name }: { id: ClusterId; name: string }) => {
              if (ranks !== null) return ranks.get(id) ?? mostNeed;
              return query.sort === 'name' ? name.toLowerCase() : id;
            };
            const ranked = asked.map((one) => ({ id: one.id, rank: rankOf(one) }));
            const page = pageOfFleet(ranked, query);
            const summed = await snapshot(known, page.clusters, signal);
            const warnings = await warningsOf(
              warningsOfStore(known.store, reach),
              [summed],
              signal,
            );
            return { ...page, clusters: summed.clusters, warnings };
          }
          const ids = asked.map(({ id }) => id);
          const all = await summaries(known, ids, signal);
          const clusters = all.flatMap((one) => one.clusters);
          return {
            ...pageOfSummaries(clusters, query),
            warnings: await warningsOf(warningsOfStore(known.store, reach), all, signal),
          };
        },
        ({ clusters, warnings }) => {
          const visible = clusters.filter(({ cluster_id: id }) => reaches(reach, id));
          const all = [...warnings, ...state.warnings()];
          return { ...pageOfSummaries(visible, query), warnings: all };
        },
      );
    },
    states: (reach, signal) =>
      orLastKnown(
        signal,
        async () => {
          const known = await listing(signal);
          const ids = [...known.clusters.keys()].filter((id) => reaches(reach, id));
          const { recorded } = await recordedStates(known, signal);
          if (recorded !== null) return countStates(ids.map((id) => recorded.get(id) ?? 'silent'));
          if (ids.length > mostCounted) return null;
          const all = await summaries(known, ids, signal);
          return countStates(all.flatMap(({ clusters }) => clusters.map(({ state }) => state)));
        },
        ({ clusters }) => {
          const visible = clusters.filter(({ cluster_id: id }) => reaches(reach, id));
          return countStates(visible.map(({ state }) => state));
        },
      ),
    cluster: (cluster, signal) =>
      orLastKnown(
        signal,
        async () => {
          const known = await listing(signal);
          if (!known.clusters.has(cluster)) return { cluster: null, warnings: [] };
          const summed = await snapshot(known, [cluster], signal);
          const warnings = [...summed.warnings, ...state.warnings()];
          return { cluster: summed.clusters[0] ?? null, warnings };
        },
        ({ clusters, warnings }) => ({
          cluster: clusters.find(({ cluster_id: id }) => id === cluster) ?? null,
          warnings,
        }),
      ),
  };
}
