import { scanMatrix, type Row } from './matrix-scanner.js';

/** Points on a grid; start and end are both among them. Unix seconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Series by the text of their labels, in the order in which the store prints them. */
export type Matrix = ReadonlyMap<string, Row>;

/** A matrix that may be kept, or why it may not. */
export type Read =
  | { readonly ok: true; readonly matrix: Matrix; readonly infos: readonly string[] }
  | { readonly ok: false; readonly why: string };

interface Body {
  status?: string;
  isPartial?: boolean;
  data?: {
    resultType?: string;
    result?: { metric: Row['metric']; values?: [number, string][]; histograms?: unknown }[];
  };
  warnings?: string[] | null;
  infos?: string[] | null;
}

const elsewhere = 'its points are not where they were asked for';
const notKept = (why: string): Read => ({ ok: false, why });

/** Reads a store's answer to a range query whose points lie on the grid of `start` and `step`. */
export function readMatrix(body: Buffer, grid: { start: number; step: number }): Read {
  const rows = scanMatrix(body);
  if (rows !== null) return matrixFrom(rows, grid, []);
  try {
    return matrixOf(JSON.parse(body.toString()) as Body, grid);
  } catch {
    return notKept('it cannot be read'); // the caller sees what the store sent
  }
}

function matrixFrom(
  rows: readonly Row[],
  { start, step }: { start: number; step: number },
  infos: readonly string[],
): Read {
  const matrix = new Map<string, Row>();
  for (const row of rows) {
    for (const time of row.times) {
      if ((time - start) % step !== 0) return notKept(elsewhere);
    }
    matrix.set(JSON.stringify(sorted(row.metric)), row);
  }
  return { ok: true, matrix, infos };
}

function matrixOf(body: Body, grid: { start: number; step: number }): Read {
  const { status, data, warnings, infos, isPartial } = body;
  if (status !== 'success' || data?.resultType !== 'matrix') return notKept('it is no matrix');
  if (warnings && warnings.length > 0) return notKept('it has warnings');
  if (isPartial === true) return notKept('it is partial');
  const rows: Row[] = [];
  for (const { metric, values = [], histograms } of data.result ?? []) {
    if (histograms !== undefined) return notKept('it has native histograms');
    const row = rowOf(metric, values);
    if (row === null) return notKept(elsewhere);
    rows.push(row);
  }
  return matrixFrom(rows, grid, infos ?? []);
}

function rowOf(metric: Row['metric'], values: readonly [number, string][]): Row | null {
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

const sorted = (metric: Row['metric']): [string, string][] =>
  Object.entries(metric).sort(([a], [b]) => compareText(a, b));

/** The points of several matrices, each later than those before it, between start and end. */
export function joinMatrices(parts: readonly Matrix[], span: Span): Matrix {
  const rows = new Map<string, Row>();
  for (const [key, own] of rowsOf(parts, span, within)) rows.set(key, joined(own));
  return rows;
}

/** The rows of each series in the parts, in the order in which the store prints series. */
function rowsOf<T>(
  parts: readonly Matrix[],
  span: Span,
  take: (row: Row, span: Span) => T | null,
): [string, [T, ...T[]]][] {
  const found = new Map<string, { metric: Row['metric']; own: [T, ...T[]] }>();
  /** Whether a series comes after those of an earlier part, wherever it belongs. */
  let isMixed = false;
  for (const part of parts) {
    for (const [key, row] of part) {
      const own = take(row, span);
      if (own === null) continue;
      const others = found.get(key);
      if (others !== undefined) {
        others.own.push(own);
      } else {
        found.set(key, { metric: row.metric, own: [own] });
        isMixed ||= part !== parts[0];
      }
    }
  }
  const rows = [...found];
  if (isMixed) rows.sort(([, a], [, b]) => compareLabels(sorted(a.metric), sorted(b.metric)));
  return rows.map(([key, { own }]) => [key, own]);
}

/** The points of a row from start to end; null for none. */
function within(row: Row, span: Span): Row | null {
  const [from, to] = indexes(row, span);
  if (from === to) return null;
  if (from === 0 && to === row.times.length) return row;
  const offset = row.ends[from - 1] ?? 0;
  // Copies, so that what is cut off is let go.
  return {
    metric: row.metric,
    times: row.times.slice(from, to),
    ends: shifted(row.ends.subarray(from, to), -offset),
    points: Buffer.concat([row.points.subarray(offset, row.ends[to - 1])]),
  };
}

/** What `within` holds, as the store printed it and not copied. */
function printedWithin(row: Row, span: Span): Printed | null {
  const [from, to] = indexes(row, span);
  if (from === to) return null;
  const { metric } = row;
  return { metric, points: row.points.subarray(row.ends[from - 1] ?? 0, row.ends[to - 1]) };
}

type Printed = Pick<Row, 'metric' | 'points'>;

const indexes = ({ times }: Row, { start, end }: Span): [number, number] => [
  firstFrom(times, start),
  firstFrom(times, end + 0.5),
];

/** A loop: `map` takes several times as long, and there are many points. */
function shifted(ends: Uint32Array, by: number): Uint32Array {
  const own = new Uint32Array(ends.length);
  for (let index = 0; index < ends.length; index += 1) own[index] = (ends[index] ?? 0) + by;
  return own;
}

function joined(rows: readonly [Row, ...Row[]]): Row {
  const [{ metric }, second] = rows;
  if (second === undefined) return rows[0];
  const count = rows.reduce((sum, { times }) => sum + times.length, 0);
  const times = new Float64Array(count);
  const ends = new Uint32Array(count);
  let done = 0;
  let offset = 0;
  for (const row of rows) {
    times.set(row.times, done);
    ends.set(offset === 0 ? row.ends : shifted(row.ends, offset), done);
    done += row.times.length;
    offset += row.points.length;
  }
  return { metric, times, ends, points: Buffer.concat(rows.map(({ points }) => points)) };
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

/** Prometheus sorts series by their labels' names and values, byte by byte. */
function compareLabels(a: readonly [string, string][], b: readonly [string, string][]): number {
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareText(name, other[0]) || compareText(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** In the order of UTF-8 bytes, which differs from JavaScript's beyond the first plane. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (/[\ud800-\uffff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** The points of several matrices as `joinMatrices` joins them, as the store would print them. */
export function printMatrices(
  parts: readonly Matrix[],
  span: Span,
  infos: readonly string[],
): Buffer {
  const pieces: Buffer[] = [];
  let before = '{"status":"success","data":{"resultType":"matrix","result":[';
  for (const [, own] of rowsOf(parts, span, printedWithin)) {
    pieces.push(Buffer.from(`${before}{"metric":${JSON.stringify(own[0].metric)},"values":[`));
    pieces.push(...own.map(({ points }) => points));
    // Without the comma after its last point.
    pieces.push(pieces.pop()?.subarray(0, -1) ?? Buffer.alloc(0));
    before = ']},';
  }
  const notes = infos.length === 0 ? '' : `,"infos":${JSON.stringify(infos)}`;
  const last = before === ']},' ? ']}' : before;
  return Buffer.concat([...pieces, Buffer.from(`${last}]}${notes}}`)]);
}

/** Bytes that a matrix takes in memory, about. */
export function matrixBytes(matrix: Matrix): number {
  let bytes = 0;
  for (const [key, { times, points }] of matrix) {
    bytes += 512 + 4 * key.length + 12 * times.length + points.length;
  }
  return bytes;
}
