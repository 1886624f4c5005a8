import type { ClusterId, FleetCluster, Warning } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { clusterIdOf, createClusterOf } from '../../promql/cluster-label.js';
import type { Figures } from '../../promql/figure.js';
import { runQueries } from '../../promql/queries.js';
import { scopesOf } from '../../promql/cluster-scopes.js';
import type { Scope, ScopeSettings } from '../../promql/scope.js';
import { isPartial, warningsOfNotes, withNotes } from '../../promql/store-notes.js';
import { settle } from '../../settle.js';
import type { GrowthSemantics } from '../../time-base/growth.js';
import { gib, round } from '../../units.js';
import { percentBounds, percentOf, plausible } from '../../bounds.js';
import { readClusterCpu } from './cpu.js';
import { fleetNodesOf, readFleetNodes } from './fleet-nodes.js';
import { findLastSeen } from './last-seen.js';
import { readClusterTimes, type ClusterTimes } from '../listing/cluster-times.js';
import type { FleetListing } from '../listing/listing.js';
import { fleetSources, nodeFigures, sizesByInstance, type FleetSource } from './plan.js';
import { sizesOf, type ClusterSize } from './sizes.js';
import { stateOf } from './state.js';

/** Alerts of a cluster that has none. */
export const noAlerts: FleetCluster['alerts'] = { pending: 0, warning: 0, critical: 0 };

/** Some clusters at one instant. */
export interface FleetSnapshot {
  /** In the order they were asked for. */
  readonly clusters: readonly FleetCluster[];
  readonly warnings: readonly Warning[];
  readonly times: ClusterTimes;
  /** What these clusters lack of what figures come from; nothing where that cannot be told. */
  readonly lacks: readonly FleetSource[];
  /** Whether nothing failed. */
  readonly complete: boolean;
}

/** What a summary is made of, beside the store. */
export interface SummaryRequest {
  readonly settings: ScopeSettings;
  readonly semantics: GrowthSemantics;
  /** Unix seconds. */
  readonly at: number;
  readonly listing: FleetListing;
  /** Those of the listing that are wanted. */
  readonly clusters: readonly ClusterId[];
  readonly alerts: ReadonlyMap<string, FleetCluster['alerts']>;
  readonly signal: AbortSignal;
}

/**
 * Sums up clusters by their nodes, in a number of requests that does not depend on the size of the fleet, and reads
 * nothing of others. Where their labels are too many for one expression, there are more requests.
 */
export async function summarizeClusters(
  store: MetricSource,
  request: SummaryRequest,
): Promise<FleetSnapshot> {
  const { settings, semantics, at, listing, clusters, alerts, signal } = request;
  const { source, notes } = withNotes(store);
  const labels = labelsOf(clusters, listing);
  const scopes = scopesOf(settings, labels, listing.labels);
  const queriesOf = (scope: Scope) => [
    { group: 'nodes', figures: nodeFigures(scope), at },
    ...sizesByInstance(scope).map((figures) => ({ group: 'memory, storage', figures, at })),
  ];
  const readingNodes = settle(readFleetNodes(source, { scopes, at, signal }));
  const usableNodes = readingNodes.then((known) =>
    'answer' in known ? known.answer : fleetNodesOf(new Map()),
  );
  const [cpu, { instant, failures }, nodes, times] = await Promise.all([
    readClusterCpu(source, { scopes, semantics, nodes: usableNodes, at, signal }),
    runQueries(source, scopes.flatMap(queriesOf), signal),
    usableNodes,
    readClusterTimes(source, { scopes, at, signal }),
  ]);
  const read = reader(instant);
  const memory = sizesOf('memory', instant, nodes);
  const storage = sizesOf('storage', instant, nodes);
  const newestAt = (cluster: ClusterId) =>
    latestOf([read('heard:exporters', cluster), read('heard:kubernetes', cluster)]);
  const silent = labelsOf(
    clusters.filter((cluster) => newestAt(cluster) === null),
    listing,
  );
  const lastSeen = await findLastSeen(source, {
    scopes: scopesOf(settings, silent, listing.labels),
    at,
    signal,
  });
  const failed = [
    ...(cpu.failed ? ['cpu'] : []),
    ...new Set(failures.map(({ group }) => group)),
    ...('failed' in (await readingNodes) ? ['machines with several exporters'] : []),
    ...(lastSeen ? [] : ['last samples']),
  ];
  return {
    clusters: clusters.map((cluster) => {
      const newest = newestAt(cluster) ?? lastSeen?.get(cluster) ?? null;
      const { busy = null, cores = null } = cpu.clusters.get(cluster) ?? {};
      const exporters = nodes.exporters(cluster);
      const state = {
        nodes: read('kubernetes', cluster) ?? (exporters === 0 ? null : exporters),
        ready: read('ready', cluster),
        newest_sample_age_seconds: newest === null ? null : Math.max(0, Math.round(at - newest)),
        alerts: alerts.get(cluster) ?? noAlerts,
      };
      return {
        cluster_id: cluster,
        name: listing.clusters.get(cluster)?.name ?? cluster,
        state: stateOf(state),
        cpu: { usage_percent: percent(busy, cores), cores },
        memory: shareOf(memory.clusters.get(cluster)),
        storage: shareOf(storage.clusters.get(cluster)),
        ...state,
      };
    }),
    warnings: [
      ...failed.map((group) => ({
        code: 'query_failed',
        message: `The store could not answer: ${group}`,
      })),
      ...warningsOfImplausible({ cpu, memory, storage }, clusters),
      ...warningsOfSpelling(labels),
      ...warningsOfNotes(notes),
    ],
    times,
    lacks:
      failed.length > 0 || clusters.every((cluster) => newestAt(cluster) === null)
        ? []
        : fleetSources.filter((one) => !instant.has(signs[one])),
    complete: failed.length === 0 && !isPartial(notes),
  };
}

/** Figures that a page has of each source. */
const signs: Readonly<Record<FleetSource, string>> = {
  nodeExporter: 'heard:exporters',
  kubeStateMetrics: 'heard:kubernetes',
  power: 'power',
};

/** How agents write the ids of these clusters. */
function labelsOf(clusters: readonly ClusterId[], { labels }: FleetListing): string[] {
  const wanted = new Set<string | null>(clusters);
  return labels.filter((label) => wanted.has(clusterIdOf(label)));
}

/** Reads a figure of a cluster, `null` where there is none. */
function reader(figures: Figures) {
  const clusterOf = createClusterOf();
  const tables = new Map<string, Map<ClusterId, number>>();
  for (const [figure, rows] of figures) {
    const table = new Map<ClusterId, number>();
    for (const { metric, value } of rows) {
      const cluster = clusterOf(metric);
      if (cluster === null) continue;
      // A cluster whose agents write its id differently has a row for each spelling.
      const known = table.get(cluster);
      if (known === undefined) table.set(cluster, value);
      else table.set(cluster, figure.startsWith('heard') ? Math.max(known, value) : known + value);
    }
    tables.set(figure, table);
  }
  return (figure: string, cluster: ClusterId) => tables.get(figure)?.get(cluster) ?? null;
}

function latestOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function percent(part: number | null, whole: number | null): number | null {
  const value = percentOf(part, whole);
  return value === null ? null : round(plausible(value, percentBounds));
}

/** Most clusters one warning names. */
const mostClusters = 20;

function warningsOfSpelling(labels: readonly string[]): Warning[] {
  const capitals = labels.filter(
    (label) => clusterIdOf(label) !== null && label !== clusterIdOf(label),
  );
  if (capitals.length === 0) return [];
  const named = capitals.slice(0, mostClusters).join(', ');
  const message = `Agents write the label cluster in capitals (clusters: ${capitals.length}): ${named}`;
  return [{ code: 'cluster_label_case', message }];
}

function warningsOfImplausible(
  of: Readonly<Record<'cpu' | 'memory' | 'storage', { implausible: ReadonlySet<ClusterId> }>>,
  clusters: readonly ClusterId[],
): Warning[] {
  return (['cpu', 'memory', 'storage'] as const).flatMap((metric) => {
    const own = clusters.filter((cluster) => of[metric].implausible.has(cluster));
    if (own.length === 0) return [];
    const named = own.slice(0, mostClusters).join(', ');
    const message = `Values of ${metric} of nodes cannot be, and do not count (clusters: ${own.length}): ${named}`;
    return [{ code: 'implausible_value', message, metric }];
  });
}

function shareOf(size: ClusterSize | undefined): FleetCluster['memory'] {
  const { total = null, free = null } = size ?? {};
  const used = total === null || free === null ? null : total - free;
  const inGib = (bytes: number | null) => (bytes === null ? null : round(bytes / gib));
  return {
    total_gib: inGib(total),
    used_gib: inGib(used),
    available_gib: inGib(free),
    usage_percent: percent(used, total),
  };
}
