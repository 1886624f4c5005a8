import type { ClusterId, FleetCluster, Warning } from '@bud-monitoring/contracts';
import type { ClusterRecord, MetricSource } from '../../ports.js';
import { clusterIdOf, createClusterOf } from '../promql/cluster-label.js';
import type { Figures } from '../promql/figure.js';
import { runQueries } from '../promql/queries.js';
import type { ScopeSettings } from '../promql/scope.js';
import { settle } from '../settle.js';
import type { GrowthSemantics } from '../time-base/growth.js';
import { day } from '../time/time-range.js';
import { gib, round } from '../units.js';
import { warningsOfLabels, warningsOfSources } from './first-contact.js';
import { findLastSeen } from './last-seen.js';
import { percentBounds, percentOf, plausible } from '../bounds.js';
import { readClusterCpu } from './cpu.js';
import { fleetNodesOf, readFleetNodes } from './fleet-nodes.js';
import { readOddClusters } from './odd-clusters.js';
import { implausibleFigure, memoryNodeFigures, storageFigures } from './plan.js';
import { stateOf } from './state.js';

/** The whole fleet at one instant. */
export interface FleetSnapshot {
  /** In the order of their ids. */
  readonly clusters: readonly FleetCluster[];
  readonly warnings: readonly Warning[];
  /** Whether nothing failed. */
  readonly complete: boolean;
}

/** What a summary is made of, beside the store. */
export interface SummaryRequest {
  readonly settings: ScopeSettings;
  readonly semantics: GrowthSemantics;
  /** Unix seconds. */
  readonly at: number;
  /** The record of each cluster in the registry. */
  readonly records: readonly ClusterRecord[];
  readonly alerts: ReadonlyMap<string, FleetCluster['alerts']>;
  readonly signal: AbortSignal;
}

/**
 * Sums up every cluster in a fixed number of requests. The store adds up all but CPU, which is known by node:
 * each has a rate window of its own.
 */
export async function summarizeFleet(
  source: MetricSource,
  { settings, semantics, at, records, alerts, signal }: SummaryRequest,
): Promise<FleetSnapshot> {
  const names = await source.clusters({ start: at - day, end: at }, signal);
  const clusters = clustersOf(names, records);
  const hasSeries = names.length > 0 || (await hasAnySeries(source, at, signal));
  const sums = [
    { group: 'memory, nodes', figures: memoryNodeFigures(settings), at },
    { group: 'storage', figures: storageFigures(settings), at },
  ];
  const readingNodes = settle(readFleetNodes(source, { settings, at, signal }));
  const usableNodes = readingNodes.then((known) =>
    'answer' in known ? known.answer : fleetNodesOf(new Map()),
  );
  const [cpu, { instant, failures }, nodes] = await Promise.all([
    readClusterCpu(source, { settings, semantics, nodes: usableNodes, at, signal }),
    runQueries(source, sums, signal),
    usableNodes,
  ]);
  const odd = await readOddClusters(source, { nodes, settings, at, signal });
  const sum = reader(instant);
  const read = (figure: string, cluster: ClusterId) =>
    odd.figures.get(figure)?.get(cluster) ?? sum(figure, cluster);
  const newestAt = (cluster: ClusterId) =>
    latestOf([read('heard:exporters', cluster), read('heard:kubernetes', cluster)]);
  const silent = [...clusters.keys()].filter((cluster) => newestAt(cluster) === null);
  const lastSeen = await findLastSeen(source, { settings, clusters: silent, at, signal });
  const failed = [
    ...(cpu.failed ? ['cpu'] : []),
    ...failures.map(({ group }) => group),
    ...('failed' in (await readingNodes) || odd.failed ? ['machines with several exporters'] : []),
    ...(lastSeen ? [] : ['last samples']),
  ];
  return {
    clusters: [...clusters].map(([cluster, record]) => {
      const newest = newestAt(cluster) ?? lastSeen?.get(cluster) ?? null;
      const { busy = null, cores = null } = cpu.clusters.get(cluster) ?? {};
      const state = {
        nodes: read('kubernetes', cluster) ?? read('exporters', cluster),
        ready: read('ready', cluster),
        newest_sample_age_seconds: newest === null ? null : Math.max(0, Math.round(at - newest)),
        alerts: alerts.get(cluster) ?? { pending: 0, warning: 0, critical: 0 },
      };
      return {
        cluster_id: cluster,
        name: record?.name ?? cluster,
        state: stateOf(state),
        cpu: { usage_percent: percent(busy, cores), cores },
        memory: shareOf(read('memory:total', cluster), read('memory:free', cluster)),
        storage: shareOf(read('storage:total', cluster), read('storage:free', cluster)),
        ...state,
      };
    }),
    warnings: [
      ...failed.map((group) => ({
        code: 'query_failed',
        message: `The store could not answer: ${group}`,
      })),
      ...warningsOfImplausible(
        (metric, cluster) =>
          metric === 'cpu'
            ? cpu.implausible.has(cluster)
            : read(implausibleFigure(metric), cluster) !== null,
        [...clusters.keys()],
      ),
      ...warningsOfSpelling(names),
      ...warningsOfLabels(names, hasSeries),
      ...(failed.length > 0 || silent.length === clusters.size
        ? []
        : warningsOfSources({
            nodeExporter: instant.has('exporters'),
            kubeStateMetrics: instant.has('kubernetes'),
            power: instant.has('power'),
          })),
    ],
    complete: failed.length === 0,
  };
}

/** Whether the store has anything of the last day, with whatever labels. */
async function hasAnySeries(
  source: MetricSource,
  at: number,
  signal: AbortSignal,
): Promise<boolean> {
  const range = { start: at - day, end: at };
  return (await source.metricNames('{__name__!=""}', range, signal)).length > 0;
}

/** The clusters that exist, with their records: one that is recorded as deleted does not. */
function clustersOf(
  stored: readonly string[],
  records: readonly ClusterRecord[],
): ReadonlyMap<ClusterId, ClusterRecord | null> {
  const known = new Map(records.map((record) => [record.clusterId, record]));
  const ids = new Set(known.keys());
  for (const label of stored) {
    const id = clusterIdOf(label);
    if (id !== null) ids.add(id);
  }
  const living = [...ids].filter((id) => known.get(id)?.state !== 'deleted').sort();
  return new Map(living.map((id) => [id, known.get(id) ?? null]));
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
  has: (metric: 'cpu' | 'memory' | 'storage', cluster: ClusterId) => boolean,
  clusters: readonly ClusterId[],
): Warning[] {
  return (['cpu', 'memory', 'storage'] as const).flatMap((metric) => {
    const own = clusters.filter((cluster) => has(metric, cluster));
    if (own.length === 0) return [];
    const named = own.slice(0, mostClusters).join(', ');
    const message = `Values of ${metric} of nodes cannot be, and do not count (clusters: ${own.length}): ${named}`;
    return [{ code: 'implausible_value', message, metric }];
  });
}

function shareOf(total: number | null, free: number | null): FleetCluster['memory'] {
  const used = total === null || free === null ? null : total - free;
  const inGib = (bytes: number | null) => (bytes === null ? null : round(bytes / gib));
  return {
    total_gib: inGib(total),
    used_gib: inGib(used),
    available_gib: inGib(free),
    usage_percent: percent(used, total),
  };
}
