import type { ClusterId, FleetCluster, Warning } from '@bud-monitoring/contracts';
import type { ClusterRecord, MetricSource } from '../../ports.js';
import type { AlertCounts } from '../alerts/alert-list.js';
import { gib, round } from '../units.js';
import { collect } from '../promql/queries.js';
import type { Figure, Figures } from '../promql/figure.js';
import { fleetScope, type StoreSettings } from '../promql/scope.js';
import { day } from '../time/window.js';
import { clusterIdOf, createClusterOf } from '../promql/cluster-label.js';
import {
  allCores,
  busyCores,
  heardOf,
  memoryFree,
  memoryTotal,
  nodeReady,
  storageFree,
  storageTotal,
} from '../metrics/fleet-expressions.js';
import { settledMs, type Rhythm } from '../targets/fleet-intervals.js';

/** The whole fleet at one moment. */
export interface FleetSnapshot {
  /** In the order of their ids. */
  readonly clusters: readonly FleetCluster[];
  readonly warnings: readonly Warning[];
  /** Whether nothing that was asked for failed. */
  readonly complete: boolean;
}

export interface SummaryRequest {
  readonly settings: StoreSettings;
  readonly rhythm: Rhythm;
  /** Unix seconds. */
  readonly at: number;
  /** What cluster events said of each. */
  readonly records: readonly ClusterRecord[];
  readonly alerts: ReadonlyMap<string, AlertCounts>;
  readonly signal: AbortSignal;
}

/**
 * Sums up every cluster in a fixed number of requests; the store adds up, so that an answer has a
 * few rows a cluster however many nodes it has.
 */
export async function summarizeFleet(
  source: MetricSource,
  { settings, rhythm, at, records, alerts, signal }: SummaryRequest,
): Promise<FleetSnapshot> {
  const names = await source.clusters({ start: at - day, end: at }, signal);
  const clusters = clustersOf(names, records);
  const { moment, failures } = await collect(
    source,
    [
      { group: 'cpu', figures: cpuFigures(settings, rhythm), at },
      {
        group: 'memory, storage, nodes',
        figures: otherFigures(settings),
        at,
      },
    ],
    signal,
  );
  const read = reader(moment);
  const heardAt = (cluster: ClusterId) =>
    latestOf([read('heard:exporters', cluster), read('heard:kubernetes', cluster)]);
  const silent = [...clusters.keys()].filter((cluster) => heardAt(cluster) === null);
  const lastSeen = await findLastSeen(source, { settings, clusters: silent, at, signal });
  const failed = [...failures.map(({ group }) => group), ...(lastSeen ? [] : ['last samples'])];
  return {
    clusters: [...clusters].map(([cluster, record]) => {
      const stretch = rhythm.stretchOf(cluster);
      const heard = heardAt(cluster) ?? lastSeen?.get(cluster) ?? null;
      const cores = read(`cores ${stretch}`, cluster);
      return {
        cluster_id: cluster,
        name: record?.name ?? null,
        nodes: read('kubernetes', cluster) ?? read('exporters', cluster),
        ready: read('ready', cluster),
        cpu: { usage_percent: percentOf(read(`busy ${stretch}`, cluster), cores), cores },
        memory: shareOf(read('memory:total', cluster), read('memory:free', cluster)),
        storage: shareOf(read('storage:total', cluster), read('storage:free', cluster)),
        newest_sample_age_seconds: heard === null ? null : Math.max(0, Math.round(at - heard)),
        alerts: alerts.get(cluster) ?? { pending: 0, warning: 0, critical: 0 },
      };
    }),
    warnings: failed.map((group) => ({
      code: 'query_failed',
      message: `The store could not answer: ${group}`,
    })),
    complete: failed.length === 0,
  };
}

/** The clusters that exist, and what events said of them: deleted by event is gone. */
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

/** Busy cores and cores, of nodes that are heard of: the rate of one that fell silent is too low. */
function cpuFigures(settings: StoreSettings, { stretches }: Rhythm): Figure[] {
  return stretches.flatMap(({ name, clusters, longestMs, rateOf }) => {
    const scope = fleetScope(settings, clusters);
    const limit = (settledMs + 1.1 * longestMs) / 1000;
    const sum = (expr: string) =>
      `sum by (cluster) (${expr} and (${heardOf(scope)}) > time() - ${limit})`;
    return [
      { figure: `busy ${name}`, expr: sum(busyCores(scope, rateOf)) },
      { figure: `cores ${name}`, expr: sum(allCores(scope)) },
    ];
  });
}

function otherFigures(settings: StoreSettings): Figure[] {
  const scope = fleetScope(settings);
  /** Of nodes of which both are known. */
  const both = (one: string, other: string) => `sum by (cluster) (${one} and ${other})`;
  const [memory, free] = [memoryTotal(scope), memoryFree(scope)];
  const [storage, left] = [storageTotal(scope), storageFree(scope)];
  const kubernetes = scope.select('kube_node_info');
  return [
    { figure: 'memory:total', expr: both(memory, free) },
    { figure: 'memory:free', expr: both(free, memory) },
    { figure: 'storage:total', expr: both(storage, left) },
    { figure: 'storage:free', expr: both(left, storage) },
    { figure: 'exporters', expr: `count by (cluster) (${heardOf(scope)})` },
    {
      figure: 'kubernetes',
      expr: `count by (cluster) (max by (cluster, node) (${kubernetes}))`,
    },
    { figure: 'ready', expr: `sum by (cluster) (${nodeReady(scope)})` },
    { figure: 'heard:exporters', expr: `max by (cluster) (${heardOf(scope)})` },
    { figure: 'heard:kubernetes', expr: `max by (cluster) (timestamp(${kubernetes}))` },
  ];
}

/** Most clusters that are named, three times in an expression of 16 kB; above, all are asked of. */
const mostNamed = 130;

/** When clusters without a current sample had their last one; `null` where the store cannot say. */
async function findLastSeen(
  source: MetricSource,
  options: {
    settings: StoreSettings;
    clusters: readonly ClusterId[];
    at: number;
    signal: AbortSignal;
  },
): Promise<ReadonlyMap<ClusterId, number> | null> {
  const { settings, clusters, at, signal } = options;
  if (clusters.length === 0) return new Map();
  const scope = fleetScope(settings, clusters.length > mostNamed ? undefined : clusters);
  const newest = (expr: string) => `max by (cluster) (max_over_time((${expr})[1d:5m]))`;
  const kubernetes = `max by (cluster) (timestamp(${scope.select('kube_node_info')}))`;
  const figures = [
    { figure: 'exporters', expr: newest(heardOf(scope)) },
    { figure: 'kubernetes', expr: newest(kubernetes) },
  ];
  const query = { group: 'last samples', figures, at };
  const { moment, failures } = await collect(source, [query], signal);
  if (failures.length > 0) return null;
  const clusterOf = createClusterOf();
  const times = new Map<ClusterId, number>();
  for (const { metric, value } of [...moment.values()].flat()) {
    const cluster = clusterOf(metric);
    if (cluster !== null) times.set(cluster, Math.max(value, times.get(cluster) ?? 0));
  }
  return times;
}

/** Reads a figure of a cluster, `null` where there is none. */
function reader(figures: Figures) {
  const clusterOf = createClusterOf();
  const tables = new Map<string, Map<ClusterId, number>>();
  for (const [figure, rows] of figures) {
    const table = new Map<ClusterId, number>();
    for (const { metric, value } of rows) {
      const cluster = clusterOf(metric);
      if (cluster !== null) table.set(cluster, value);
    }
    tables.set(figure, table);
  }
  return (figure: string, cluster: ClusterId) => tables.get(figure)?.get(cluster) ?? null;
}

function latestOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function percentOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : round((100 * part) / whole);
}

function shareOf(total: number | null, free: number | null): FleetCluster['memory'] {
  const used = total === null || free === null ? null : total - free;
  const inGib = (bytes: number | null) => (bytes === null ? null : round(bytes / gib));
  return {
    total_gib: inGib(total),
    used_gib: inGib(used),
    available_gib: inGib(free),
    usage_percent: percentOf(used, total),
  };
}
