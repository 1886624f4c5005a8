import { storedSpellings, type ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import type { Figure } from '../promql/figure.js';
import { queryRangeFigures } from '../promql/queries.js';
import { withNotes, type StoreNotes } from '../promql/store-notes.js';
import { clusterScope, clusterSelector, type Scope, type ScopeSettings } from '../promql/scope.js';
import type { TimeRange } from '../time/time-range.js';
import { heartbeatMetrics, heartbeatSelector } from './node-exporter.js';
import type { GrowthSemantics } from '../time-base/growth.js';
import { TooManyNodes } from '../too-many-nodes.js';
import { narrowToInstances, sampleInstances } from './target-sample.js';

/** What was found of a cluster: which metrics it has. */
export interface Probe {
  readonly names: ReadonlySet<string>;
  /** How the agents of the cluster write its id. */
  readonly clusterLabels: readonly string[];
  readonly scope: Scope;
  /** The same, narrowed to some instances that stand for all. */
  readonly sample: Scope;
  /** Nodes by the store's index (`indexKey`): of the first range, their names of all ranges. */
  readonly indexedNodes: ReadonlyMap<string, readonly string[]>;
  readonly semantics: GrowthSemantics;
  /** Whether recording rules cover the nodes over the whole time. */
  readonly recorded: boolean;
  /** What the store noted in its answers. */
  readonly notes: StoreNotes;
}

/** The key of a metric's values of a label in the index. */
export const indexKey = (metric: string, label: string) => `${metric} ${label}`;

/** What is read only where nodes have nothing better, and the number of such nodes. */
export interface FallbackFigure {
  /** The metric, or what stands for some series of one: the scope has it where it is needed. */
  readonly metric: string;
  readonly figure: Figure;
}

/** What to look for in a cluster. */
export interface ProbeTargets {
  /** Names of the metrics. */
  readonly metricNames: readonly string[];
  /** Those of them whose instances stand for all, beside node-exporter's. */
  readonly sampled: readonly string[];
  /** Metrics that have one value of each of these labels for each node. */
  readonly nodeInfo: readonly {
    readonly metric: string;
    readonly keys: readonly ('instance' | 'node' | 'nodename')[];
  }[];
  /** The recording rule that may cover the nodes. */
  readonly recordingRule: string;
  /** How far the rule is from what it is computed of, as a share; `null` where one of both is missing. */
  readonly ruleError: (scope: Scope) => string | null;
  /** How many nodes depend on a metric that is otherwise not read, by the `rangeMs` before. */
  readonly fallbacks: (scope: Scope, rangeMs: number) => readonly FallbackFigure[];
  /** How many targets of many devices have metrics apart from those of others. */
  readonly apart: (scope: Scope) => readonly FallbackFigure[];
}

export interface ProbeRequest {
  readonly cluster: ClusterId;
  readonly settings: ScopeSettings;
  readonly targets: ProbeTargets;
  readonly semantics: GrowthSemantics;
  /** Most hosts of instances, over all ranges. */
  readonly maxNodes: number;
  /** What will be read: the window first. */
  readonly ranges: readonly [TimeRange, ...TimeRange[]];
  readonly signal: AbortSignal;
}

/** More exporters than these are not to be expected on a node, of those whose instances are asked for. */
const exportersPerNode = 4;

/**
 * Finds out which metrics a cluster has in a window. Throws `TooManyNodes`, before anything is read of
 * each, and what the store throws.
 */
export async function probeCluster(
  store: MetricSource,
  { cluster, settings, targets, semantics, maxNodes, ranges, signal }: ProbeRequest,
): Promise<Probe> {
  const { metricNames, sampled: sampledMetrics, nodeInfo, recordingRule, fallbacks } = targets;
  const { ruleError, apart } = targets;
  const { source, notes } = withNotes(store);
  const start = Math.min(...ranges.map((range) => range.start));
  const end = Math.max(...ranges.map((range) => range.end));
  const ofInstances = clusterSelector(cluster, [...heartbeatMetrics, ...sampledMetrics]);
  const limit = exportersPerNode * maxNodes + 1;
  const [known, clusters, { values: instances }, ...indexed] = await Promise.all([
    source.metricNames(clusterSelector(cluster, metricNames), { start, end }, signal),
    source.clusters({ start, end }, signal),
    source.labelValues('instance', ofInstances, { start, end, limit }, signal),
    ...nodeInfo.flatMap(({ metric, keys }) =>
      keys.map(async (label) => {
        const range = label === 'nodename' ? { start, end } : ranges[0];
        const selector = clusterSelector(cluster, [metric]);
        const { values } = await source.labelValues(label, selector, { ...range, limit }, signal);
        return [indexKey(metric, label), values] as const;
      }),
    ),
  ]);
  const hosts = new Set(instances.map((instance) => instance.replace(/:\d+$/, '')));
  if (hosts.size > maxNodes || instances.length >= limit) throw new TooManyNodes(maxNodes);
  const names = new Set(known.values);
  const labels = storedSpellings(clusters.values).get(cluster) ?? [cluster];
  const all = clusterScope(cluster, settings, names, labels);
  const some = sampleInstances(instances);
  const sampled = (whole: Scope) =>
    some.length === instances.length ? whole : narrowToInstances(whole, some);
  const stepOf = (points: number) => Math.max(shortestStep, Math.ceil((end - start) / points));
  const step = stepOf(maxPoints);
  const count = (figures: readonly Figure[], from = start, every = step) =>
    countSamples(source, figures, { start: from, end, step: every }, signal);
  const fallbacksIn = (scope: Scope) => fallbacks(scope, step * 1000);
  const apartIn = apart(all);
  const figuresOf = (scope: Scope) => [
    ...recordingFigures(scope, recordingRule),
    ...fallbacksIn(scope).map(({ figure }) => figure),
  ];
  // What few nodes have may be missing in the sample: at the end all are asked.
  const [counts, apartCounts] = await Promise.all([
    Promise.all([
      count(figuresOf(all), end),
      count([...figuresOf(sampled(all)), ...errorFigures(ruleError(sampled(all)))]),
    ]).then((both) => both.flat()),
    count(
      apartIn.map(({ figure }) => figure),
      start,
      stepOf(apartPoints),
    ).catch(() => {
      signal.throwIfAborted();
      return null;
    }),
  ]);
  const note = ({ metric, figure }: FallbackFigure, of: readonly Counts[] | null) => {
    // Where it could not be counted each is read for itself.
    if (of?.some((one) => one.figures.has(figure.figure)) ?? true) names.add(metric);
    else names.delete(metric);
  };
  for (const one of fallbacksIn(all)) note(one, counts);
  for (const one of apartIn) note(one, apartCounts);
  if (!isTrusted(counts)) names.delete(recordingRule);
  const scope = clusterScope(cluster, settings, names, labels);
  return {
    names,
    clusterLabels: labels,
    scope,
    sample: sampled(scope),
    indexedNodes: new Map(indexed),
    semantics,
    recorded: names.has(recordingRule) && counts.every(isRecorded),
    notes,
  };
}

/** Figures at a time (Unix seconds). */
interface Counts {
  readonly at: number;
  readonly figures: ReadonlyMap<string, number>;
}

/** Times at which nodes are counted, evenly over the ranges, and the shortest step between (seconds). */
const maxPoints = 48;
/** Steps from the first to the last time at which devices are: of all, since they are not among the instances that stand for others. */
const apartPoints = 1;
const shortestStep = 300;

async function countSamples(
  source: MetricSource,
  figures: readonly Figure[],
  { start, end, step }: TimeRange & { step: number },
  signal: AbortSignal,
): Promise<Counts[]> {
  if (figures.length === 0) return [];
  const points = { start: end - Math.floor((end - start) / step) * step, end, step };
  const answer = await queryRangeFigures(source, figures, { points, signal });
  const byTime = new Map<number, Map<string, number>>();
  for (const [figure, [row]] of answer.figures) {
    row?.times.forEach((time, index) => {
      const counts = byTime.get(time) ?? new Map<string, number>();
      byTime.set(time, counts.set(figure, row.values[index] ?? 0));
    });
  }
  return [...byTime].map(([at, counts]) => ({ at, figures: counts }));
}

/** How many nodes there are, and how many of them the recording rule covers. */
function recordingFigures(scope: Scope, recordingRule: string): Figure[] {
  const heartbeat = heartbeatSelector(scope);
  if (heartbeat === null || !scope.has(recordingRule)) return [];
  const instances = (selected: string) =>
    `count(count by (instance) (last_over_time(${selected}[299999ms])))`;
  return [
    { figure: 'nodes', expr: instances(heartbeat) },
    { figure: 'recorded', expr: instances(scope.select(recordingRule)) },
  ];
}

/** How often the rule was compared, and how often it was far off. */
function errorFigures(error: string | null): Figure[] {
  if (error === null) return [];
  return [
    { figure: 'compared', expr: `count(${error})` },
    { figure: 'wrong', expr: `count(${error} > ${tolerance})` },
  ];
}

/** A rule that is a minute late and an interval longer is off by so much at most, as a share. */
const tolerance = 0.03;

/** A rule that counts something else is wrong most of the time, one that is late only when load changes. */
function isTrusted(counts: readonly Counts[]): boolean {
  const sum = (figure: string) =>
    counts.reduce((total, { figures }) => total + (figures.get(figure) ?? 0), 0);
  return sum('wrong') <= sum('compared') / 4;
}

/** Where nodes were seen, (nearly) all of them must have been recorded. */
function isRecorded({ figures }: Counts): boolean {
  const nodes = figures.get('nodes');
  return nodes === undefined || (figures.get('recorded') ?? 0) >= 0.9 * nodes;
}
