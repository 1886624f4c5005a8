import type { MetricSource, Points, Row } from '../../ports.js';
import {
  mergeFigures,
  splitRangeRows,
  splitRows,
  type Figure,
  type Figures,
  type RangeFigures,
} from './figure.js';

/** One request to the store: at least one figure. `group` names what is missing when it fails. */
export interface Query {
  readonly group: string;
  readonly figures: readonly Figure[];
  /** Unix seconds; a range where it has a step. */
  readonly at: number | Points;
  /** Of a moment: an answer that is at most so many seconds older will do. */
  readonly maxAge?: number | undefined;
}

/** A request that failed, and the figures that are missing for it. */
interface Failed {
  readonly group: string;
  readonly figures: readonly string[];
  readonly error: unknown;
}

/** What came of some requests: figures of those that succeeded, and what failed. */
export interface Collected {
  readonly moment: Figures;
  readonly range: RangeFigures;
  readonly failures: readonly Failed[];
  readonly notes: readonly string[];
  readonly asked: number;
}

/** Sends all requests at once. One that fails costs its own figures and no others. */
export async function collect(
  source: MetricSource,
  queries: readonly Query[],
  signal: AbortSignal,
): Promise<Collected> {
  const settled = await Promise.allSettled(queries.map((query) => ask(source, query, signal)));
  const moment = new Map<string, readonly Row[]>();
  const range = new Map<string, RangeFigures extends ReadonlyMap<string, infer T> ? T : never>();
  const notes = new Set<string>();
  const failures: Failed[] = [];
  settled.forEach((result, index) => {
    if (result.status === 'rejected') {
      const { group = '', figures = [] } = queries[index] ?? {};
      const names = figures.map(({ figure }) => figure);
      failures.push({ group, figures: names, error: result.reason });
      return;
    }
    for (const [figure, rows] of result.value.moment) moment.set(figure, rows);
    for (const [figure, rows] of result.value.range) range.set(figure, rows);
    for (const note of result.value.notes) notes.add(note);
  });
  return { moment, range, failures, notes: [...notes], asked: queries.length };
}

/** Figures of a moment, in one request; throws an `UpstreamError` where it fails. */
export async function figuresOf(
  source: Pick<MetricSource, 'query'>,
  figures: readonly Figure[],
  { at, signal, maxAge }: { at: number; signal: AbortSignal; maxAge?: number | undefined },
): Promise<{ figures: Figures; notes: readonly string[] }> {
  const { series, notes } = await source.query(mergeFigures(figures), at, signal, maxAge);
  return { figures: splitRows(series, figures), notes };
}

async function ask(
  source: MetricSource,
  { figures, at, maxAge }: Query,
  signal: AbortSignal,
): Promise<{ moment: Figures; range: RangeFigures; notes: readonly string[] }> {
  if (typeof at === 'number') {
    const { figures: moment, notes } = await figuresOf(source, figures, { at, signal, maxAge });
    return { moment, range: new Map(), notes };
  }
  const { series, notes } = await source.queryRange(mergeFigures(figures), at, signal);
  return { moment: new Map(), range: splitRangeRows(series, figures), notes };
}

/** What was found of a moment in two steps: of a figure the rows of the later one come first. */
export function withEarlier(first: Collected, second: Collected): Collected {
  const moment = new Map(first.moment);
  for (const [figure, rows] of second.moment) {
    moment.set(figure, [...rows, ...(moment.get(figure) ?? [])]);
  }
  return {
    ...{ moment, range: first.range },
    failures: [...first.failures, ...second.failures],
    notes: [...new Set([...first.notes, ...second.notes])],
    asked: first.asked + second.asked,
  };
}

/** The figures of one moment of a range answer. */
export function figuresAt(range: RangeFigures, time: number): Figures {
  const figures = new Map<string, Row[]>();
  for (const [figure, rows] of range) {
    const found: Row[] = [];
    for (const { metric, times, values } of rows) {
      const value = values[indexOf(times, time)];
      if (value !== undefined && Number.isFinite(value)) found.push({ metric, value });
    }
    if (found.length > 0) figures.set(figure, found);
  }
  return figures;
}

/** Position of a time in an ascending list, -1 where it is missing. */
function indexOf(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = times[middle] ?? 0;
    if (found === time) return middle;
    if (found < time) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
