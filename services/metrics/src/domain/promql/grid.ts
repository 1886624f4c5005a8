import type { RangeRow } from '../../ports.js';

/** The evaluation times of a series: `count` points from `start` (Unix seconds), `step` seconds apart. */
export interface Grid {
  readonly start: number;
  readonly step: number;
  readonly count: number;
  /** Time of the last point, where its step is unfinished and so shorter. */
  readonly end?: number;
}

/** Values of a row on the grid; NaN where there is none. */
export function onGrid(
  { times, values }: RangeRow,
  { start, step, count, end }: Grid,
): Float64Array {
  const column = new Float64Array(count).fill(NaN);
  times.forEach((time, index) => {
    const value = values[index] ?? NaN;
    const position = time === end ? count - 1 : Math.round((time - start) / step);
    if (position >= 0 && position < count && Number.isFinite(value)) column[position] = value;
  });
  return column;
}

/** A column, and the points of another one where it has none. */
export function filled(first: Float64Array, other: Float64Array): Float64Array {
  return first.map((value, at) => (Number.isNaN(value) ? (other[at] ?? NaN) : value));
}
