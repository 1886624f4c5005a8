import { LRUCache } from 'lru-cache';
import type { Answer, Clock, Labels, MetricSource, Points, RangeRow } from '../../ports.js';
import { createLabelsKey } from '../../domain/promql/labels.js';
import { createFlights } from './flights.js';

const hour = 3600;

/** Seconds asked in one request: an answer that is late costs no more than these. */
const atOnce = 8 * 24 * hour;

/** How long after its end samples of a full hour or day may still arrive, seconds. */
const late = hour;
/** When a shorter step, which was kept sooner, is asked once more (seconds after its end). */
const finalAfter = 600;

const textOf = createLabelsKey();

/** The rows of one expression at one time. */
interface Moment {
  readonly metrics: readonly Labels[];
  readonly values: Float64Array;
  readonly notes: readonly string[];
  /** Unix seconds. */
  readonly askedAt: number;
}

export interface SettledCacheOptions {
  source: MetricSource;
  clock: Clock;
  maxBytes: number;
}

/**
 * A source that keeps what it was answered about full past hours and days, which do not change any
 * more: means over a month are thirty days, and a day are its hours. Points of shorter steps are kept
 * where the query says when they settle. Only points that are multiples of their step are kept.
 */
export function createSettledCache({ source, clock, maxBytes }: SettledCacheOptions): MetricSource {
  if (maxBytes === 0) return source;
  const kept = new LRUCache<string, Moment>({
    maxSize: maxBytes,
    // A row is its value and a reference; its labels are mostly shared with the step before.
    sizeCalculation: ({ values }, key) => 40 * values.length + key.length + 100,
  });
  const flights = createFlights<Answer<RangeRow>>();

  async function ask(
    expr: string,
    points: Points,
    signal: AbortSignal,
  ): Promise<Map<number, Moment>> {
    const { start, end, step, settlesAfter = late } = points;
    const askedAt = clock.now() / 1000;
    const { series, notes } = await flights.run(
      `${start} ${end} ${step} ${expr}`,
      signal,
      (shared) => source.queryRange(expr, points, shared),
    );
    const found = new Map<number, Moment>();
    const known = new Map(
      kept.peek(keyOf(start - step, step, expr))?.metrics.map((own) => [textOf(own), own]),
    );
    const everyone = series.map(({ metric }) => known.get(textOf(metric)) ?? metric);
    let last: readonly Labels[] = everyone;
    const next = series.map(() => 0);
    for (let time = start; time <= end; time += step) {
      const metrics: Labels[] = [];
      const values: number[] = [];
      series.forEach((row, index) => {
        const position = next[index] ?? 0;
        if (row.times[position] !== time) return;
        next[index] = position + 1;
        metrics.push(everyone[index] ?? row.metric);
        values.push(row.values[position] ?? NaN);
      });
      // At most times the series are those of the step before: then both share one list.
      last = [last, everyone].find((list) => isSame(list, metrics)) ?? metrics;
      const moment: Moment = { metrics: last, values: Float64Array.from(values), notes, askedAt };
      found.set(time, moment);
      // An answer with a note may be one of which a part was missing.
      const isOver = time + settlesAfter <= askedAt;
      if (isOver && notes.length === 0) kept.set(keyOf(time, step, expr), moment);
    }
    return found;
  }

  /** Kept before late samples could have come, and old enough now to be asked for good. */
  const isPassing = ({ askedAt }: Moment, time: number) =>
    askedAt < time + finalAfter && clock.now() / 1000 >= time + finalAfter;

  /** Short steps are asked of a window that moves on: what it has left behind is of no use. */
  function forgetBefore(start: number, step: number, expr: string): void {
    let time = start - step;
    while (kept.delete(keyOf(time, step, expr))) time -= step;
  }

  return {
    ...source,
    async queryRange(expr, points, signal) {
      const { start, end, step, settlesAfter } = points;
      const isKept = settlesAfter !== undefined || step >= hour;
      if (!isKept || start % step !== 0) return source.queryRange(expr, points, signal);
      if (step < hour) forgetBefore(start, step, expr);
      const moments = new Map<number, Moment>();
      const missing: number[] = [];
      for (let time = start; time <= end; time += step) {
        const known = kept.get(keyOf(time, step, expr));
        if (known === undefined || isPassing(known, time)) missing.push(time);
        else moments.set(time, known);
      }
      const asked = await Promise.all(
        stretches(missing, step).map((stretch) => ask(expr, { ...points, ...stretch }, signal)),
      );
      for (const found of asked) for (const [time, one] of found) moments.set(time, one);
      return joined([...moments].sort(([a], [b]) => a - b));
    },
  };
}

const keyOf = (time: number, step: number, expr: string) => `${time} ${step} ${expr}`;

function isSame(list: readonly Labels[], other: readonly Labels[]): boolean {
  return list.length === other.length && list.every((metric, index) => metric === other[index]);
}

/** Times that follow each other, so many at once. */
function stretches(times: readonly number[], step: number): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (const time of times) {
    const last = found.at(-1);
    const follows = last !== undefined && last.end + step === time;
    if (follows && time - last.start < atOnce) last.end = time;
    else found.push({ start: time, end: time });
  }
  return found;
}

/** Moments as the rows of one answer. */
function joined(moments: readonly (readonly [number, Moment])[]): Answer<RangeRow> {
  const all = moments.map(([time]) => time);
  const rows = new Map<string, { metric: Labels; values: (number | undefined)[] }>();
  const notes = new Set<string>();
  const rowOf = (metric: Labels) => {
    const text = textOf(metric);
    const row = rows.get(text) ?? { metric, values: Array<number | undefined>(all.length) };
    rows.set(text, row);
    return row;
  };
  let before: readonly Labels[] = [];
  let known: ReturnType<typeof rowOf>[] = [];
  moments.forEach(([, { metrics, values, notes: own }], position) => {
    for (const note of own) notes.add(note);
    if (metrics !== before) known = metrics.map(rowOf);
    before = metrics;
    known.forEach((row, index) => (row.values[position] = values[index]));
  });
  const isThere = (value: number | undefined) => value !== undefined;
  const series = [...rows.values()].map(({ metric, values }): RangeRow => {
    const found = values.filter(isThere);
    const isWhole = found.length === all.length;
    return {
      metric,
      times: isWhole ? all : all.filter((_, index) => isThere(values[index])),
      values: found,
    };
  });
  return { series, notes: [...notes] };
}
