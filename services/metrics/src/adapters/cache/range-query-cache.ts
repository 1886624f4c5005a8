import { LRUCache } from 'lru-cache';
import type { Answer, Clock, Labels, MetricSource, Points, RangeRow } from '../../ports.js';
import { createLabelsKey } from '../../domain/promql/labels.js';
import { createPace, eachInTurns, mapInTurns } from '../../domain/turns/pace.js';
import { readInPieces } from './pieces.js';
import { createSingleFlight } from './single-flight.js';

const hour = 3600;

/** How long after its end samples of a full hour or day may still arrive, seconds. */
const defaultSettlesAfter = hour;
/** When a shorter step that was cached sooner is fetched once more (seconds after its end). */
const finalAfter = 600;

/** The values of one expression at one instant. */
interface InstantRows {
  readonly metrics: readonly Labels[];
  readonly values: Float64Array;
  readonly notes: readonly string[];
  /** Unix seconds. */
  readonly fetchedAt: number;
}

export interface RangeQueryCacheOptions {
  source: MetricSource;
  clock: Clock;
  maxBytes: number;
}

/**
 * A source that caches range queries by instant. Full past hours and days do not change any more: a month is
 * queried as its days, and a day as its hours. Points of shorter steps are cached
 * where the query says when they settle. Only points at multiples of their step are cached.
 */
export function createRangeQueryCache({
  source,
  clock,
  maxBytes,
}: RangeQueryCacheOptions): MetricSource {
  const cache = new LRUCache<string, InstantRows>({
    maxSize: Math.max(1, maxBytes),
    // A row is its value and a reference; its labels are mostly shared with the step before.
    sizeCalculation: ({ values }, key) => 40 * values.length + key.length + 100,
  });
  const singleFlight = createSingleFlight<Answer<RangeRow>>();

  async function fetchRange(
    expr: string,
    points: Points,
    shared: SharedMetrics,
    signal: AbortSignal,
  ): Promise<Map<number, InstantRows>> {
    const { start, end, step, settlesAfter = defaultSettlesAfter } = points;
    const fetchedAt = clock.now() / 1000;
    const { series, notes } = await singleFlight.do(
      `${start} ${end} ${step} ${expr}`,
      signal,
      (sharedSignal) => source.queryRange(expr, points, sharedSignal),
    );
    const found = new Map<number, InstantRows>();
    const pace = createPace();
    const allMetrics = await mapInTurns(series, ({ metric }) => shared.metric(metric), pace);
    const next = series.map(() => 0);
    for (let time = start; time <= end; time += step) {
      await pace();
      const metrics: Labels[] = [];
      const values: number[] = [];
      series.forEach((row, index) => {
        const position = next[index] ?? 0;
        if (row.times[position] !== time) return;
        next[index] = position + 1;
        metrics.push(allMetrics[index] ?? row.metric);
        values.push(row.values[position] ?? NaN);
      });
      const rows: InstantRows = {
        metrics: shared.list(metrics),
        values: Float64Array.from(values),
        notes,
        fetchedAt,
      };
      found.set(time, rows);
      // An answer with a note may be one of which a part was missing.
      const isOver = time + settlesAfter <= fetchedAt;
      if (isOver && notes.length === 0) cache.set(keyOf(time, step, expr), rows);
    }
    return found;
  }

  /** Cached before late samples could have arrived, and old enough now to be fetched for good. */
  const isProvisional = ({ fetchedAt }: InstantRows, time: number) =>
    fetchedAt < time + finalAfter && clock.now() / 1000 >= time + finalAfter;

  /** Short steps are queried over a window that moves on: what is behind it is of no use. */
  function dropBefore(start: number, step: number, expr: string): void {
    let time = start - step;
    while (cache.delete(keyOf(time, step, expr))) time -= step;
  }

  return {
    ...source,
    async queryRange(expr, points, signal) {
      const { start, end, step, settlesAfter } = points;
      const isSettled = settlesAfter !== undefined || step >= hour;
      if (maxBytes === 0 || !isSettled || start % step !== 0)
        return joinRanges(
          await readInPieces(timesOf(points), step, (piece) =>
            source.queryRange(expr, { ...points, ...piece }, signal),
          ),
        );
      if (step < hour) dropBefore(start, step, expr);
      const instants = new Map<number, InstantRows>();
      const missing: number[] = [];
      for (const time of timesOf({ start, end, step })) {
        const known = cache.get(keyOf(time, step, expr));
        if (known === undefined || isProvisional(known, time)) missing.push(time);
        else instants.set(time, known);
      }
      const known = [...instants.values(), cache.peek(keyOf(start - step, step, expr))];
      const shared = createSharedMetrics(known.find((one) => one !== undefined)?.metrics ?? []);
      const fetched = await readInPieces(missing, step, (piece) =>
        fetchRange(expr, { ...points, ...piece }, shared, signal),
      );
      for (const found of fetched) for (const [time, one] of found) instants.set(time, one);
      return joinInstants([...instants].sort(([a], [b]) => a - b));
    },
  };
}

const timesOf = ({ start, end, step }: Points) =>
  Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);

const keyOf = (time: number, step: number, expr: string) => `${time} ${step} ${expr}`;

/** Label sets and lists of them, of which only one is kept of those that are equal. */
interface SharedMetrics {
  metric(metric: Labels): Labels;
  list(metrics: readonly Labels[]): readonly Labels[];
}

function createSharedMetrics(known: readonly Labels[]): SharedMetrics {
  const labelsKey = createLabelsKey();
  let byKey: Map<string, Labels> | undefined;
  // At most times the series are those of a step before.
  let lists = [known];
  return {
    metric(metric) {
      byKey ??= new Map(known.map((one) => [labelsKey(one), one]));
      const key = labelsKey(metric);
      const same = byKey.get(key) ?? metric;
      byKey.set(key, same);
      return same;
    },
    list(metrics) {
      const list = lists.find((one) => isSame(one, metrics)) ?? metrics;
      lists = [list, ...lists.filter((one) => one !== list)].slice(0, mostLists);
      return list;
    },
  };
}

/** Lists that a step is compared with: of other steps, as a node comes and goes. */
const mostLists = 4;

function isSame(list: readonly Labels[], other: readonly Labels[]): boolean {
  return list.length === other.length && list.every((metric, index) => metric === other[index]);
}

/** Instants as the rows of one answer. */
async function joinInstants(
  instants: readonly (readonly [number, InstantRows])[],
): Promise<Answer<RangeRow>> {
  const all = instants.map(([time]) => time);
  const isOneList = instants.every(([, { metrics }]) => metrics === instants[0]?.[1].metrics);
  const shared = createSharedMetrics([]);
  // NaN where there is none: numbers alone take a third of those beside `undefined`.
  const rows = new Map<Labels, number[]>();
  const notes = new Set<string>();
  const rowOf = (own: Labels) => {
    const metric = isOneList ? own : shared.metric(own);
    const row = rows.get(metric) ?? new Array<number>(all.length).fill(NaN);
    rows.set(metric, row);
    return row;
  };
  let before: readonly Labels[] = [];
  let known: ReturnType<typeof rowOf>[] = [];
  const pace = createPace();
  for (const [position, [, { metrics, values, notes: own }]] of instants.entries()) {
    await pace();
    for (const note of own) notes.add(note);
    if (metrics !== before) known = await mapInTurns(metrics, rowOf, pace);
    before = metrics;
    known.forEach((row, index) => (row[position] = values[index] ?? NaN));
  }
  const withoutGaps = ([metric, values]: readonly [Labels, number[]]): RangeRow => {
    if (!values.some(Number.isNaN)) return { metric, times: all, values };
    const times = all.filter((_, index) => !Number.isNaN(values[index]));
    return { metric, times, values: values.filter((value) => !Number.isNaN(value)) };
  };
  const series = await mapInTurns([...rows], withoutGaps, pace);
  return { series, notes: [...notes] };
}

/** Answers for pieces of a range, in any order, as one. */
async function joinRanges(answers: readonly Answer<RangeRow>[]): Promise<Answer<RangeRow>> {
  const [only, ...others] = answers;
  if (only !== undefined && others.length === 0) return only;
  const labelsKey = createLabelsKey();
  const rows = new Map<string, RangeRow[]>();
  const pace = createPace();
  const add = (row: RangeRow) => {
    const key = labelsKey(row.metric);
    const own = rows.get(key);
    if (own === undefined) rows.set(key, [row]);
    else own.push(row);
  };
  for (const { series } of answers) await eachInTurns(series, add, pace);
  const join = (own: readonly RangeRow[]): RangeRow => {
    const inOrder = [...own].sort((a, b) => (a.times[0] ?? 0) - (b.times[0] ?? 0));
    return {
      metric: own[0]?.metric ?? {},
      times: inOrder.flatMap(({ times }) => times),
      values: inOrder.flatMap(({ values }) => values),
    };
  };
  const series = await mapInTurns([...rows.values()], join, pace);
  return { series, notes: [...new Set(answers.flatMap(({ notes }) => notes))] };
}
