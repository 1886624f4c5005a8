import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import { recordedCpu } from '../metrics/cpu.js';
import { heartbeatOf, heartbeats, nodeFamily } from './node-exporter.js';
import { nodeLists } from '../nodes/node-info.js';
import type { Span } from '../time/window.js';
import { aloneMemory } from '../metrics/memory.js';
import { alonePower } from '../metrics/power.js';
import { mergeFigures, splitRangeRows, type Figure } from '../promql/figure.js';
import type { Family } from './range-aggregation.js';
import type { Rates } from './aligned-blocks.js';
import { onlyOf, sampleOf } from './target-sample.js';
import { createScope, seriesOfCluster, type Scope, type StoreSettings } from '../promql/scope.js';

/** What was found of a cluster: which metrics it has, and how often they are scraped. */
export interface Probe {
  readonly names: ReadonlySet<string>;
  readonly scope: Scope;
  /** The same, narrowed to some instances that stand for all. */
  readonly sample: Scope;
  /** Nodes by the index of the store, of each metric that tells of nodes: who was in the first span. */
  readonly listed: ReadonlyMap<string, readonly string[]>;
  /** Scrape interval of a family around a time (Unix seconds), in ms. */
  intervalMs(family: Family, at: number): number;
  /** Longest interval of a family anywhere in a span, in ms. */
  widestMs(family: Family, span: Span): number;
  /** Whether a family was scraped equally often throughout a span. */
  isEven(family: Family, span: Span): boolean;
  readonly rates: Rates;
  /** Whether recording rules cover the nodes over the whole time. */
  readonly recorded: boolean;
}

/** What is assumed of a family that no sample tells the interval of. */
const usualIntervalMs = 30_000;

export interface ProbeRequest {
  readonly cluster: ClusterId;
  readonly settings: StoreSettings;
  /** Metrics to look for. */
  readonly reads: readonly string[];
  /** Those of them, beside node-exporter's, whose scrape interval matters: each is its own family. */
  readonly counters: readonly string[];
  readonly rates: Rates;
  /** What will be measured: the window first. */
  readonly spans: readonly [Span, ...Span[]];
  readonly signal: AbortSignal;
}

/** Finds out which formula a cluster can use in a window. */
export async function probeCluster(
  source: MetricSource,
  { cluster, settings, reads, counters, rates, spans, signal }: ProbeRequest,
): Promise<Probe> {
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end));
  const instancesOf = seriesOfCluster(cluster, [...heartbeats, ...counters]);
  const [known, instances, ...listed] = await Promise.all([
    source.metricNames(seriesOfCluster(cluster, reads), { start, end }, signal),
    source.labelValues('instance', instancesOf, { start, end }, signal),
    ...nodeLists.map(async ({ metric, key }) => {
      const selector = seriesOfCluster(cluster, [metric]);
      return [metric, await source.labelValues(key, selector, spans[0], signal)] as const;
    }),
  ]);
  const names = new Set(known);
  const found = createScope(cluster, settings, names);
  const some = sampleOf(instances);
  const sampled = (whole: Scope) =>
    some.length === instances.length ? whole : onlyOf(whole, some);
  const step = Math.max(shortestStep, Math.ceil((end - start) / looks));
  const look = (figures: readonly Figure[], from = start) =>
    countSamples(source, figures, { start: from, end, step }, signal);
  const aloneIn = (scope: Scope) => [
    ...aloneMemory(scope, step * 1000),
    ...alonePower(scope, step * 1000),
  ];
  const families = [nodeFamily, ...counters];
  const figuresOf = (scope: Scope) => [
    ...countFigures(scope, families),
    ...recordedFigures(scope),
    ...aloneIn(scope).map(({ figure }) => figure),
  ];
  // What few nodes have may be missing in the sample: at the end everyone is asked.
  const counts = (
    await Promise.all([look(figuresOf(found), end), look(figuresOf(sampled(found)))])
  ).flat();
  for (const { metric, figure } of aloneIn(found))
    if (counts.every((one) => !one.figures.has(figure.figure))) names.delete(metric);
  const scope = createScope(cluster, settings, names);
  const within = (family: Family, span: Span) => intervalsIn(counts, family, span);
  return {
    names,
    scope,
    sample: sampled(scope),
    listed: new Map(listed),
    intervalMs: (family, at) => intervalAt(counts, family, at),
    widestMs: (family, span) => Math.max(...within(family, span)),
    isEven: (family, span) => {
      const found = within(family, span);
      return Math.max(...found) <= 1.2 * Math.min(...found);
    },
    rates,
    recorded: names.has(recordedCpu) && counts.every(isRecorded),
  };
}

/** How often the families were scraped in the hour before a time. */
interface Counts {
  readonly at: number;
  readonly figures: ReadonlyMap<string, number>;
}

/** Times at which a cluster is looked at, evenly over what will be measured. */
const looks = 48;
const shortestStep = 300;

async function countSamples(
  source: MetricSource,
  asked: readonly Figure[],
  { start, end, step }: Span & { step: number },
  signal: AbortSignal,
): Promise<Counts[]> {
  if (asked.length === 0) return [];
  const range = { start: end - Math.floor((end - start) / step) * step, end, step };
  const answer = await source.queryRange(mergeFigures(asked), range, signal);
  const byTime = new Map<number, Map<string, number>>();
  for (const [figure, [row]] of splitRangeRows(answer.series, asked)) {
    row?.times.forEach((time, index) => {
      const figures = byTime.get(time) ?? new Map<string, number>();
      byTime.set(time, figures.set(figure, row.values[index] ?? 0));
    });
  }
  return [...byTime].map(([at, figures]) => ({ at, figures }));
}

function countFigures(scope: Scope, families: readonly Family[]): Figure[] {
  return families.flatMap((family) => {
    const metric = scope.has(family) ? scope.select(family) : null;
    const selected = family === nodeFamily ? heartbeatOf(scope) : metric;
    if (selected === null) return [];
    return [
      {
        figure: `short:${family}`,
        expr: `max(max_over_time(count_over_time(${selected}[299999ms])[59m59s:5m]))`,
      },
      { figure: `long:${family}`, expr: `max(count_over_time(${selected}[3599999ms]))` },
    ];
  });
}

/** How many nodes there are, and of how many recording rules tell. */
function recordedFigures(scope: Scope): Figure[] {
  const heartbeat = heartbeatOf(scope);
  if (heartbeat === null || !scope.has(recordedCpu)) return [];
  const fresh = (selected: string) =>
    `count(count by (instance) (last_over_time(${selected}[299999ms])))`;
  return [
    { figure: 'nodes', expr: fresh(heartbeat) },
    { figure: 'recorded', expr: fresh(scope.select(recordedCpu)) },
  ];
}

/** Where nodes were seen, (nearly) all of them must have been recorded. */
function isRecorded({ figures }: Counts): boolean {
  const nodes = figures.get('nodes');
  return nodes === undefined || (figures.get('recorded') ?? 0) >= 0.9 * nodes;
}

/** Intervals wherever the family was seen in a span, else around its end. */
function intervalsIn(counts: readonly Counts[], family: Family, { start, end }: Span): number[] {
  const inside = counts.filter(({ at }) => at > start && at <= end);
  const found = inside.map((one) => intervalOf(one, family)).filter((one) => one !== null);
  return found.length > 0 ? found : [intervalAt(counts, family, end)];
}

function intervalAt(counts: readonly Counts[], family: Family, at: number): number {
  let nearest: { distance: number; intervalMs: number } | undefined;
  for (const one of counts) {
    const intervalMs = intervalOf(one, family);
    const distance = Math.abs(one.at - at);
    if (intervalMs !== null && distance < (nearest?.distance ?? Infinity)) {
      nearest = { distance, intervalMs };
    }
  }
  return nearest?.intervalMs ?? usualIntervalMs;
}

function intervalOf({ figures }: Counts, family: Family): number | null {
  const long = figures.get(`long:${family}`) ?? 0;
  if (long === 0) return null;
  const short = figures.get(`short:${family}`) ?? 0;
  // The whole hour is the more exact, unless part of it is missing.
  const seconds = long >= 10.8 * short ? 3600 / long : 300 / short;
  return 1000 * (usual.find((one) => Math.abs(one - seconds) <= 0.15 * one) ?? seconds);
}

/** Scrape intervals in use; what is counted is one sample more or less. */
const usual = [1, 2, 5, 10, 15, 20, 30, 60, 90, 120, 150, 180, 240, 300, 600, 900, 1800, 3600];
