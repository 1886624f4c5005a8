import { sortedLabels } from './label-order.js';
import { scanMatrix, type MatrixSeries } from './matrix-scanner.js';

/** Points on a grid; start and end are both among them. Unix seconds. */
export interface PointRange {
  readonly start: number;
  readonly end: number;
}

/** Series by the text of their labels, in the order in which the store prints them. */
export type Matrix = ReadonlyMap<string, MatrixSeries>;

/** A matrix that may be cached, or why it may not. */
export type DecodedMatrix =
  | { readonly ok: true; readonly matrix: Matrix; readonly infos: readonly string[] }
  | { readonly ok: false; readonly reason: string };

interface Body {
  status?: string;
  isPartial?: boolean;
  data?: {
    resultType?: string;
    result?: {
      metric: MatrixSeries['metric'];
      values?: [number, string][];
      histograms?: unknown;
    }[];
  };
  warnings?: string[] | null;
  infos?: string[] | null;
}

const offGrid = 'its points are not where they were asked for';
const uncacheable = (reason: string): DecodedMatrix => ({ ok: false, reason });

/** Decodes the response to a range query whose points lie on the grid of `start` and `step`. */
export function decodeMatrix(body: Buffer, grid: { start: number; step: number }): DecodedMatrix {
  const series = scanMatrix(body);
  if (series !== null) return matrixFromSeries(series, grid, []);
  try {
    return matrixFromJson(JSON.parse(body.toString()) as Body, grid);
  } catch {
    return uncacheable('it cannot be read'); // the caller gets it as the store sent it
  }
}

function matrixFromSeries(
  series: readonly MatrixSeries[],
  { start, step }: { start: number; step: number },
  infos: readonly string[],
): DecodedMatrix {
  const matrix = new Map<string, MatrixSeries>();
  for (const one of series) {
    for (const time of one.times) {
      if ((time - start) % step !== 0) return uncacheable(offGrid);
    }
    matrix.set(JSON.stringify(sortedLabels(one.metric)), one);
  }
  return { ok: true, matrix, infos };
}

function matrixFromJson(body: Body, grid: { start: number; step: number }): DecodedMatrix {
  const { status, data, warnings, infos, isPartial } = body;
  if (status !== 'success' || data?.resultType !== 'matrix') return uncacheable('it is no matrix');
  if (warnings && warnings.length > 0) return uncacheable('it has warnings');
  if (isPartial === true) return uncacheable('it is partial');
  const series: MatrixSeries[] = [];
  for (const { metric, values = [], histograms } of data.result ?? []) {
    if (histograms !== undefined) return uncacheable('it has native histograms');
    const one = seriesFromJson(metric, values);
    if (one === null) return uncacheable(offGrid);
    series.push(one);
  }
  return matrixFromSeries(series, grid, infos ?? []);
}

function seriesFromJson(
  metric: MatrixSeries['metric'],
  values: readonly [number, string][],
): MatrixSeries | null {
  const times = new Float64Array(values.length);
  const ends = new Uint32Array(values.length);
  let text = '';
  for (const [index, [time, value]] of values.entries()) {
    if (!/^[\w.+-]+$/.test(value)) return null;
    text += `[${time},"${value}"],`;
    times[index] = time;
    ends[index] = text.length;
  }
  return { metric, times, ends, points: Buffer.from(text, 'latin1') };
}

/** Bytes that a matrix takes in memory, about. */
export function matrixBytes(matrix: Matrix): number {
  let bytes = 0;
  for (const [key, { times, points }] of matrix) {
    bytes += 512 + 4 * key.length + 12 * times.length + points.length;
  }
  return bytes;
}
