import type { TimeSeries } from '@bud-monitoring/contracts';
import type { Grid } from '../../promql/grid.js';
import { round } from '../../units.js';

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
  if (form === 'columns') return { start: grid.start, step: grid.step, values };
  return values.map((value, index) => ({ timestamp: grid.start + index * grid.step, value }));
}
