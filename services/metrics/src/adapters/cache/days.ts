import { LRUCache } from 'lru-cache';
import type { Answer, Clock, Labels, MetricSource, RangeRow } from '../../ports.js';
import { createFlights } from './flights.js';

const day = 86_400;

/** Days asked in one request: an answer that is late costs no more than these. */
const daysAtOnce = 8;

/** How long after midnight samples of the day before may still arrive, seconds. */
const late = 3600;

/** The rows of one expression at one midnight. */
interface Day {
  readonly metrics: readonly Labels[];
  readonly values: Float64Array;
  readonly notes: readonly string[];
}

export interface DayCacheOptions {
  source: MetricSource;
  clock: Clock;
  maxBytes: number;
}

/**
 * A source that keeps what it was answered about full past days, which do not change any more: means
 * over a month are thirty such days. Only queries in steps of a day from midnight to midnight are kept.
 */
export function createDayCache({ source, clock, maxBytes }: DayCacheOptions): MetricSource {
  if (maxBytes === 0) return source;
  const kept = new LRUCache<string, Day>({
    maxSize: maxBytes,
    // A row is its value and a reference; its labels are shared with the other days of the answer.
    sizeCalculation: ({ values }, key) => 40 * values.length + key.length + 100,
  });
  const flights = createFlights<Answer<RangeRow>>();

  async function ask(
    expr: string,
    range: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<Map<number, Day>> {
    const key = `${range.start} ${range.end} ${expr}`;
    const { series, notes } = await flights.run(key, signal, (shared) =>
      source.queryRange(expr, { ...range, step: day }, shared),
    );
    const days = new Map<number, Day>();
    for (let time = range.start; time <= range.end; time += day) {
      const rows = series.flatMap(({ metric, times, values }) => {
        const value = values[times.indexOf(time)];
        return value === undefined ? [] : [{ metric, value }];
      });
      const found: Day = {
        metrics: rows.map(({ metric }) => metric),
        values: Float64Array.from(rows, ({ value }) => value),
        notes,
      };
      days.set(time, found);
      // An answer with a note may be one of which a part was missing.
      const isOver = time + late < clock.now() / 1000;
      if (isOver && notes.length === 0) kept.set(`${time} ${expr}`, found);
    }
    return days;
  }

  return {
    ...source,
    async queryRange(expr, range, signal) {
      const { start, end, step } = range;
      if (step !== day || start % day !== 0) return source.queryRange(expr, range, signal);
      const days = new Map<number, Day>();
      const missing: number[] = [];
      for (let time = start; time <= end; time += day) {
        const known = kept.get(`${time} ${expr}`);
        if (known === undefined) missing.push(time);
        else days.set(time, known);
      }
      const asked = await Promise.all(
        stretches(missing).map((stretch) => ask(expr, stretch, signal)),
      );
      for (const found of asked) for (const [time, one] of found) days.set(time, one);
      return joined([...days].sort(([a], [b]) => a - b));
    },
  };
}

/** Days that follow each other, so many at once. */
function stretches(times: readonly number[]): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (const time of times) {
    const last = found.at(-1);
    const follows = last !== undefined && last.end + day === time;
    if (follows && last.end - last.start < (daysAtOnce - 1) * day) last.end = time;
    else found.push({ start: time, end: time });
  }
  return found;
}

/** Days as the rows of one answer. */
function joined(days: readonly (readonly [number, Day])[]): Answer<RangeRow> {
  const rows = new Map<string, { metric: Labels; times: number[]; values: number[] }>();
  const notes = new Set<string>();
  for (const [time, { metrics, values, notes: own }] of days) {
    for (const note of own) notes.add(note);
    metrics.forEach((metric, index) => {
      const key = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
      const row = rows.get(key) ?? { metric, times: [], values: [] };
      row.times.push(time);
      row.values.push(values[index] ?? NaN);
      rows.set(key, row);
    });
  }
  return { series: [...rows.values()], notes: [...notes] };
}
