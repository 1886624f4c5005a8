import type { TimeSeries } from '@bud-monitoring/contracts';
import type { Grid } from '../../promql/grid.js';
import { round } from '../../units.js';

/** Longest step (seconds) whose points are not means of the step. */
const longestInstantStep = 300;

/** The form in which a request wants its series. */
export type SeriesForm = 'points' | 'columns';

/** A column as the series of an answer; no points at all where nothing was measured. */
export function toTimeSeries(
  column: Float64Array | null | undefined,
  grid: Grid,
  form: SeriesForm,
  decimals: number,
): TimeSeries {
  const empty = column == null || column.every(Number.isNaN);
  const values = empty ? [] : Array.from(column, (value) => round(value, decimals));
  const { start, step, count, end } = grid;
  if (form === 'columns')
    return { form: 'columns', start, step, values, ...(end !== undefined && { end }) };
  return values.map((value, index) => {
    const own = start + index * step;
    const timestamp = index === count - 1 ? (end ?? own) : own;
    return step <= longestInstantStep
      ? { timestamp, value }
      : { timestamp, interval_start: own - step, value };
  });
}
