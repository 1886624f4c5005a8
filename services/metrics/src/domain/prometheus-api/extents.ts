import type { RangeCall } from './scoped-call.js';

/** One series of a matrix as columns; values stay the store's own text. */
export interface Columns {
  readonly metric: Readonly<Record<string, string>>;
  readonly times: readonly number[];
  readonly values: readonly string[];
}

/** What is kept of a range query: the points from start to end, both among them (Unix seconds). */
export interface Extent {
  readonly start: number;
  readonly end: number;
  /** Points up to here are old enough not to change any more. */
  readonly settled: number;
  /** When its oldest part was fetched, Unix seconds: late samples are seen once it is dropped. */
  readonly since: number;
  readonly series: ReadonlyMap<string, Columns>;
  readonly infos: readonly string[];
}

/** What must be asked of the store, beside what is kept. */
export interface ExtentPlan {
  readonly kind: 'hit' | 'partial' | 'miss';
  readonly fetch: readonly { start: number; end: number }[];
}

/** Queries share an extent when their points fall on the same grid. */
export function extentKey({ query, start, step }: RangeCall): string {
  return `${step} ${start % step} ${query}`;
}

/**
 * Why the points of a query depend on more than their own time, so that extents would be wrong; null
 * where they do not. May be wrong in one direction only: text in quotes counts too.
 */
export function whyNoExtents({ query, start, step }: RangeCall): string | null {
  if (!Number.isInteger(start) || !Number.isInteger(step)) return 'times are not whole seconds';
  if (/@/.test(query)) return 'the query has an @ modifier';
  if (/\boffset\s*-/i.test(query)) return 'the query looks ahead';
  if (/\b(start|end|step|range)\s*\(\s*\)/.test(query)) return 'the query reads its own range';
  return null;
}

/** The last point of the range's grid. */
export function lastPoint({ start, end, step }: RangeCall): number {
  return start + Math.floor((end - start) / step) * step;
}

/** What of a range is kept and what must be fetched. */
export function planExtents(extent: Extent | undefined, call: RangeCall): ExtentPlan {
  const { start, step } = call;
  const end = lastPoint(call);
  const all: ExtentPlan = { kind: 'miss', fetch: [{ start, end }] };
  if (extent === undefined || extent.settled < start || extent.start > end) return all;
  const fetch: { start: number; end: number }[] = [];
  if (extent.start > start) fetch.push({ start, end: extent.start - step });
  if (extent.settled < end) fetch.push({ start: extent.settled + step, end });
  return { kind: fetch.length === 0 ? 'hit' : 'partial', fetch };
}

/** A matrix as the store sends it. */
interface MatrixBody {
  status: string;
  isPartial?: boolean;
  data: {
    resultType: string;
    result: {
      metric: Record<string, string>;
      values?: [number, string][];
      histograms?: unknown;
    }[];
  };
  warnings?: string[];
  infos?: string[];
}

/** A matrix that may be kept, or why it may not. */
export type Matrix =
  | { ok: true; series: ReadonlyMap<string, Columns>; infos: readonly string[] }
  | { ok: false; why: string };

/** Reads a store's answer to a range query. */
export function readMatrix(body: Buffer): Matrix {
  const {
    status,
    data,
    warnings,
    infos = [],
    isPartial,
  } = JSON.parse(body.toString()) as MatrixBody;
  if (status !== 'success' || data.resultType !== 'matrix') return { ok: false, why: 'no matrix' };
  if (warnings !== undefined && warnings.length > 0) return { ok: false, why: 'it has warnings' };
  if (isPartial === true) return { ok: false, why: 'it is partial' };
  if (data.result.some(({ histograms }) => histograms !== undefined)) {
    return { ok: false, why: 'it has native histograms' };
  }
  const series = new Map<string, Columns>();
  for (const { metric, values = [] } of data.result) {
    series.set(JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))), {
      metric,
      times: values.map(([time]) => time),
      values: values.map(([, value]) => value),
    });
  }
  return { ok: true, series, infos };
}

/** The points of several matrices between start and end, in order of time; none overlap. */
export function mergeSeries(
  parts: readonly ReadonlyMap<string, Columns>[],
  { start, end }: { start: number; end: number },
): Map<string, Columns> {
  const merged = new Map<
    string,
    { metric: Columns['metric']; times: number[]; values: string[] }
  >();
  for (const part of parts) {
    for (const [key, { metric, times, values }] of part) {
      const from = firstAtLeast(times, start);
      const to = firstAtLeast(times, end + 0.5);
      if (from === to) continue;
      let own = merged.get(key);
      if (own === undefined) merged.set(key, (own = { metric, times: [], values: [] }));
      for (let index = from; index < to; index += 1) {
        own.times.push(times[index] ?? 0);
        own.values.push(values[index] ?? '');
      }
    }
  }
  return merged;
}

function firstAtLeast(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The answer as the store would print it; series in the order of their labels. */
export function printMatrix(
  series: ReadonlyMap<string, Columns>,
  infos: readonly string[],
): Buffer {
  const result = [...series]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => {
      const points = one.times.map(
        (time, index) => `[${time},${JSON.stringify(one.values[index])}]`,
      );
      return `{"metric":${JSON.stringify(one.metric)},"values":[${points.join(',')}]}`;
    });
  const notes = infos.length === 0 ? '' : `,"infos":${JSON.stringify(infos)}`;
  return Buffer.from(
    `{"status":"success","data":{"resultType":"matrix","result":[${result.join(',')}]}${notes}}`,
  );
}

/** Bytes that an extent takes, about. */
export function extentBytes({ series }: Extent): number {
  let bytes = 256;
  for (const [key, { times }] of series) bytes += 4 * key.length + 48 * times.length;
  return bytes;
}
