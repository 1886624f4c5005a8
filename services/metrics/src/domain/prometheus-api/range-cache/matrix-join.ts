import { compareLabels, sortedLabels } from './label-order.js';
import type { MatrixSeries } from './matrix-scanner.js';
import type { Matrix, PointRange } from './matrix.js';

/** The points of several matrices, each later than those before it, between start and end. */
export function joinMatrices(parts: readonly Matrix[], range: PointRange): Matrix {
  const series = new Map<string, MatrixSeries>();
  for (const [key, own] of collectSeries(parts, range, within)) series.set(key, concatenated(own));
  return series;
}

/** What `take` takes of each series in the parts, in the order in which the store prints series. */
function collectSeries<T>(
  parts: readonly Matrix[],
  range: PointRange,
  take: (one: MatrixSeries, range: PointRange) => T | null,
): [string, [T, ...T[]]][] {
  const found = new Map<string, { metric: MatrixSeries['metric']; own: [T, ...T[]] }>();
  /** Whether a series comes after those of an earlier part, wherever it belongs. */
  let isMixed = false;
  for (const part of parts) {
    for (const [key, one] of part) {
      const own = take(one, range);
      if (own === null) continue;
      const others = found.get(key);
      if (others !== undefined) {
        others.own.push(own);
      } else {
        found.set(key, { metric: one.metric, own: [own] });
        isMixed ||= part !== parts[0];
      }
    }
  }
  const series = [...found];
  if (isMixed)
    series.sort(([, a], [, b]) => compareLabels(sortedLabels(a.metric), sortedLabels(b.metric)));
  return series.map(([key, { own }]) => [key, own]);
}

/** The points of a series from start to end; null for none. */
function within(one: MatrixSeries, range: PointRange): MatrixSeries | null {
  const [from, to] = indexes(one, range);
  if (from === to) return null;
  if (from === 0 && to === one.times.length) return one;
  const offset = one.ends[from - 1] ?? 0;
  // Copies, so that the memory of what is cut off is freed.
  return {
    metric: one.metric,
    times: one.times.slice(from, to),
    ends: shifted(one.ends.subarray(from, to), -offset),
    points: Buffer.concat([one.points.subarray(offset, one.ends[to - 1])]),
  };
}

/** As `within`, without copying. */
function printedWithin(one: MatrixSeries, range: PointRange): Printed | null {
  const [from, to] = indexes(one, range);
  if (from === to) return null;
  const { metric } = one;
  return { metric, points: one.points.subarray(one.ends[from - 1] ?? 0, one.ends[to - 1]) };
}

type Printed = Pick<MatrixSeries, 'metric' | 'points'>;

const indexes = ({ times }: MatrixSeries, { start, end }: PointRange): [number, number] => [
  firstFrom(times, start),
  firstFrom(times, end + 0.5),
];

/** A loop, since `map` takes several times as long and there are many points. */
function shifted(ends: Uint32Array, by: number): Uint32Array {
  const own = new Uint32Array(ends.length);
  for (let index = 0; index < ends.length; index += 1) own[index] = (ends[index] ?? 0) + by;
  return own;
}

function concatenated(series: readonly [MatrixSeries, ...MatrixSeries[]]): MatrixSeries {
  const [{ metric }, second] = series;
  if (second === undefined) return series[0];
  const count = series.reduce((sum, { times }) => sum + times.length, 0);
  const times = new Float64Array(count);
  const ends = new Uint32Array(count);
  let done = 0;
  let offset = 0;
  for (const one of series) {
    times.set(one.times, done);
    ends.set(offset === 0 ? one.ends : shifted(one.ends, offset), done);
    done += one.times.length;
    offset += one.points.length;
  }
  return { metric, times, ends, points: Buffer.concat(series.map(({ points }) => points)) };
}

function firstFrom(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The points of several matrices, joined as by `joinMatrices`, as the response the store would send. */
export function encodeMatrices(
  parts: readonly Matrix[],
  range: PointRange,
  infos: readonly string[],
): Buffer {
  const buffers: Buffer[] = [];
  let before = '{"status":"success","data":{"resultType":"matrix","result":[';
  for (const [, own] of collectSeries(parts, range, printedWithin)) {
    buffers.push(Buffer.from(`${before}{"metric":${JSON.stringify(own[0].metric)},"values":[`));
    buffers.push(...own.map(({ points }) => points));
    // Without the comma after its last point.
    buffers.push(buffers.pop()?.subarray(0, -1) ?? Buffer.alloc(0));
    before = ']},';
  }
  const notes = infos.length === 0 ? '' : `,"infos":${JSON.stringify(infos)}`;
  const last = before === ']},' ? ']}' : before;
  return Buffer.concat([...buffers, Buffer.from(`${last}]}${notes}}`)]);
}
