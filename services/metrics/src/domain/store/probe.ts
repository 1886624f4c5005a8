import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import { recordedCpu } from '../catalogue/cpu.js';
import { heartbeatOf, nodeFamily } from '../catalogue/exporter.js';
import { day, piecesOf, type Span } from '../time/window.js';
import { mergeFigures, splitRangeRows, splitRows, type Figure } from './figure.js';
import type { Family } from './measure.js';
import { createScope, seriesOfCluster, type Scope, type StoreSettings } from './scope.js';

/** What was found of a cluster: which metrics it has, and how often they are scraped. */
export interface Probe {
  readonly names: ReadonlySet<string>;
  readonly scope: Scope;
  /** Scrape interval of a family around a time (Unix seconds), in ms. */
  intervalMs(family: Family, at: number): number;
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
  /** What will be measured. */
  readonly spans: readonly Span[];
  readonly signal: AbortSignal;
}

/** Finds out which formula a cluster can use in a window. */
export async function probeCluster(
  source: MetricSource,
  { cluster, settings, reads, counters, spans, signal }: ProbeRequest,
): Promise<Probe> {
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.end));
  const names = new Set(
    await source.metricNames(seriesOfCluster(cluster, reads), { start, end }, signal),
  );
  const scope = createScope(cluster, settings, names);
  const counts = await countSamples(source, countFigures(scope, counters), spans, signal);
  return {
    names,
    scope,
    intervalMs: (family, at) => intervalAt(counts, family, at),
    recorded: names.has(recordedCpu) && counts.every(isRecorded),
  };
}

/** How often the families were scraped in the hour before a time. */
interface Counts {
  readonly at: number;
  readonly figures: ReadonlyMap<string, number>;
}

async function countSamples(
  source: MetricSource,
  asked: readonly Figure[],
  spans: readonly Span[],
  signal: AbortSignal,
): Promise<Counts[]> {
  if (asked.length === 0) return [];
  const pieces = spans.map(piecesOf);
  const ends = new Set(pieces.flatMap(({ edges }) => edges.map(({ end }) => end)));
  const midnights = pieces.flatMap(({ days }) => (days === null ? [] : [days.start, days.end]));
  const expr = mergeFigures(asked);
  const atEdges = [...ends].map(async (at): Promise<Counts[]> => {
    const rows = splitRows((await source.query(expr, at, signal)).series);
    const figures = new Map([...rows].map(([figure, [row]]) => [figure, row?.value ?? 0]));
    return [{ at, figures }];
  });
  const atDays = async (): Promise<Counts[]> => {
    if (midnights.length === 0) return [];
    const range = { start: Math.min(...midnights), end: Math.max(...midnights), step: day };
    const rows = splitRangeRows((await source.queryRange(expr, range, signal)).series);
    const byTime = new Map<number, Map<string, number>>();
    for (const [figure, [row]] of rows) {
      row?.times.forEach((time, index) => {
        const figures = byTime.get(time) ?? new Map<string, number>();
        byTime.set(time, figures.set(figure, row.values[index] ?? 0));
      });
    }
    return [...byTime].map(([at, figures]) => ({ at, figures }));
  };
  return (await Promise.all([...atEdges, atDays()])).flat();
}

function countFigures(scope: Scope, counters: readonly string[]): Figure[] {
  const heartbeat = heartbeatOf(scope);
  const families = new Map<Family, string>();
  if (heartbeat !== null) families.set(nodeFamily, heartbeat);
  for (const metric of counters) if (scope.has(metric)) families.set(metric, scope.select(metric));
  const figures = [...families].flatMap(([family, selected]) => [
    {
      figure: `short:${family}`,
      expr: `max(max_over_time(count_over_time(${selected}[299999ms])[59m59s:5m]))`,
    },
    { figure: `long:${family}`, expr: `max(count_over_time(${selected}[3599999ms]))` },
  ]);
  if (heartbeat === null || !scope.has(recordedCpu)) return figures;
  const fresh = (selected: string) =>
    `count(count by (instance) (last_over_time(${selected}[299999ms])))`;
  return [
    ...figures,
    { figure: 'nodes', expr: fresh(heartbeat) },
    { figure: 'recorded', expr: fresh(scope.select(recordedCpu)) },
  ];
}

/** Where nodes were seen, (nearly) all of them must have been recorded. */
function isRecorded({ figures }: Counts): boolean {
  const nodes = figures.get('nodes');
  return nodes === undefined || (figures.get('recorded') ?? 0) >= 0.9 * nodes;
}

function intervalAt(counts: readonly Counts[], family: Family, at: number): number {
  const near = counts
    .filter(({ figures }) => (figures.get(`long:${family}`) ?? 0) > 0)
    .sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0];
  if (near === undefined) return usualIntervalMs;
  const long = near.figures.get(`long:${family}`) ?? 0;
  const short = near.figures.get(`short:${family}`) ?? 0;
  // The whole hour is the more exact, unless part of it is missing.
  const seconds = long >= 10.8 * short ? 3600 / long : 300 / short;
  return 1000 * (usual.find((one) => Math.abs(one - seconds) <= 0.15 * one) ?? seconds);
}

/** Scrape intervals in use; what is counted is one sample more or less. */
const usual = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600];
