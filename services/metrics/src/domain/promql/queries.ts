import type { MetricSource, Points, Row } from '../../ports.js';
import {
  mergeFigures,
  splitRangeRows,
  splitRows,
  type Figure,
  type Figures,
  type MergedFigures,
  type RangeFigures,
} from './figure.js';

/** What is asked of the store at once: at least one figure. `group` names what is missing when it fails. */
export interface Query {
  readonly group: string;
  readonly figures: readonly Figure[];
  /** Unix seconds; a range where it has a step. */
  readonly at: number | Points;
  /** Of an instant: an answer that is at most this many seconds older will do. */
  readonly maxAge?: number | undefined;
}

/** A request that failed, and the figures that are missing for it. */
interface FailedQuery {
  readonly group: string;
  readonly figures: readonly string[];
  readonly error: unknown;
}

/** Figures of the requests that succeeded, and the requests that failed. */
export interface QueryResults {
  readonly instant: Figures;
  readonly range: RangeFigures;
  readonly failures: readonly FailedQuery[];
  /** Number of requests. */
  readonly sent: number;
}

/** Sends all requests at once; rows of one figure come together. One that fails costs its own figures and no others. */
export async function runQueries(
  source: MetricSource,
  queries: readonly Query[],
  signal: AbortSignal,
): Promise<QueryResults> {
  const settled = await Promise.allSettled(queries.map((query) => runQuery(source, query, signal)));
  const instant = new Map<string, readonly Row[]>();
  const range = new Map<string, RangeFigures extends ReadonlyMap<string, infer T> ? T : never>();
  const failures: FailedQuery[] = [];
  settled.forEach((result, index) => {
    if (result.status === 'rejected') {
      const { group = '', figures = [] } = queries[index] ?? {};
      const names = figures.map(({ figure }) => figure);
      failures.push({ group, figures: names, error: result.reason });
      return;
    }
    for (const [figure, rows] of result.value.instant)
      instant.set(figure, [...(instant.get(figure) ?? []), ...rows]);
    for (const [figure, rows] of result.value.range) range.set(figure, rows);
  });
  return { instant, range, failures, sent: queries.length };
}

/** Figures of an instant; throws an `UpstreamError` where a request fails. */
export async function queryFigures(
  source: Pick<MetricSource, 'query'>,
  figures: readonly Figure[],
  { at, signal, maxAge }: { at: number; signal: AbortSignal; maxAge?: number | undefined },
): Promise<{ figures: Figures }> {
  return joined(figures, async ({ expr, figures: part }) => {
    return splitRows((await source.query(expr, at, signal, maxAge)).series, part);
  });
}

/** Figures at points; throws an `UpstreamError` where a request fails. */
export async function queryRangeFigures(
  source: Pick<MetricSource, 'queryRange'>,
  figures: readonly Figure[],
  { points, signal }: { points: Points; signal: AbortSignal },
): Promise<{ figures: RangeFigures }> {
  return joined(figures, async ({ expr, figures: part }) => {
    return splitRangeRows((await source.queryRange(expr, points, signal)).series, part);
  });
}

/** The answers to all expressions that these figures take. */
async function joined<T>(
  figures: readonly Figure[],
  read: (part: MergedFigures) => Promise<ReadonlyMap<string, T>>,
): Promise<{ figures: ReadonlyMap<string, T> }> {
  const parts = await Promise.all(mergeFigures(figures).map(read));
  return { figures: new Map(parts.flatMap((part) => [...part])) };
}

async function runQuery(
  source: MetricSource,
  { figures, at, maxAge }: Query,
  signal: AbortSignal,
): Promise<{ instant: Figures; range: RangeFigures }> {
  if (typeof at === 'number') {
    const { figures: instant } = await queryFigures(source, figures, { at, signal, maxAge });
    return { instant, range: new Map() };
  }
  const { figures: range } = await queryRangeFigures(source, figures, { points: at, signal });
  return { instant: new Map(), range };
}

/** Results of the same instant, read in two steps: of a figure, the later rows come first. */
export function mergeResults(first: QueryResults, second: QueryResults): QueryResults {
  const instant = new Map(first.instant);
  for (const [figure, rows] of second.instant) {
    instant.set(figure, [...rows, ...(instant.get(figure) ?? [])]);
  }
  return {
    instant,
    range: new Map([...first.range, ...second.range]),
    failures: [...first.failures, ...second.failures],
    sent: first.sent + second.sent,
  };
}
