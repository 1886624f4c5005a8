import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createBlocks } from '../tsdb/create-blocks.js';
import { seriesText } from '../exposition.js';
import { parseValues } from './notation.js';
import { writeOpenMetrics } from '../tsdb/open-metrics.js';
import type { Labels } from '../types.js';

/** The value at `t` (Unix seconds), `elapsed` seconds after the start; undefined: no sample. */
export type ValueAt = (elapsed: number, t: number) => number | undefined;

/** One series of a test: values by function, or one for each interval in promtool's notation. */
export interface KnownSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly values: ValueAt | string;
  /** Unix seconds of its samples, instead of one every interval. */
  readonly times?: readonly number[];
}

/** `series('up', { job: 'a' }, '1x10')`: a series whose every sample the test knows. */
export function series(name: string, labels: Labels, values: KnownSeries['values']): KnownSeries {
  return { name, labels, values };
}

/** The same value throughout. */
export function constant(value: number): ValueAt {
  return () => value;
}

/** `from`, growing by `perSecond`; with `resets` (seconds after the start) a counter that begins anew. */
export function ramp(
  perSecond: number,
  { from = 0, resets = [] as readonly number[] } = {},
): ValueAt {
  return (elapsed) => {
    const last = resets.findLast((reset) => reset <= elapsed);
    return last === undefined ? from + perSecond * elapsed : perSecond * (elapsed - last);
  };
}

/** Each value from its second after the start on: `steps([[0, 1], [600, 5]])`. */
export function steps(values: readonly (readonly [from: number, value: number])[]): ValueAt {
  return (elapsed) => values.findLast(([from]) => from <= elapsed)?.[1];
}

/** Without samples in each stretch `[from, to)`, in seconds after the start. */
export function without(
  gaps: readonly (readonly [from: number, to: number])[],
  values: ValueAt,
): ValueAt {
  return (elapsed, t) =>
    gaps.some(([from, to]) => from <= elapsed && elapsed < to) ? undefined : values(elapsed, t);
}

export interface LoadSeriesOptions {
  series: readonly KnownSeries[];
  /** Unix seconds of the first sample and, at most, of the last. */
  start: number;
  end: number;
  /** Seconds between samples. */
  interval: number;
  /** Prometheus' data directory; made if it is not there. Prometheus must not run on it yet. */
  dataDirectory: string;
  /** Path of the promtool program. */
  promtool: string;
  signal?: AbortSignal;
}

/**
 * Writes exactly these samples and makes blocks of them. Stale markers cannot be written: a series
 * that ends stays visible for the five minutes that Prometheus looks back.
 */
export async function loadSeries(options: LoadSeriesOptions): Promise<{ samples: number }> {
  const { start, interval, dataDirectory, promtool, signal } = options;
  const times = timesOf(options);
  refuseTwins(options.series);
  await mkdir(dataDirectory, { recursive: true });
  const scratch = await mkdtemp(join(dataDirectory, 'known-'));
  try {
    const file = join(scratch, 'known.om');
    const written = options.series.map(({ name, labels, values, times: own }) => ({
      name,
      labels,
      times: own ?? times,
      value: valueOf(values, { name, start, interval, times: times.length }),
    }));
    const samples = await writeOpenMetrics(file, written, signal);
    await createBlocks({ promtool, file, dataDirectory, scratch, blockHours: 486, signal });
    return { samples };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The times of all samples. */
export function timesOf({
  start,
  end,
  interval,
}: Pick<LoadSeriesOptions, 'start' | 'end' | 'interval'>): number[] {
  return Array.from(
    { length: Math.max(0, Math.floor((end - start) / interval) + 1) },
    (_, index) => start + index * interval,
  );
}

/** The values of a series by their time. */
export function valueOf(
  values: KnownSeries['values'],
  {
    name,
    start,
    interval,
    times,
  }: { name: string; start: number; interval: number; times: number },
): (t: number) => number | undefined {
  if (typeof values !== 'string') return (t) => values(t - start, t);
  const listed = parseValues(values);
  if (listed.length > times) {
    throw new Error(`${name} has ${listed.length} values, but only ${times} fit before the end`);
  }
  return (t) => listed[Math.round((t - start) / interval)];
}

function refuseTwins(all: readonly KnownSeries[]): void {
  const seen = new Set<string>();
  for (const { name, labels } of all) {
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    const identity = seriesText(name, Object.fromEntries(sorted));
    if (seen.has(identity)) throw new Error(`${identity} is there twice`);
    seen.add(identity);
  }
}
