import type { TimeSeries } from '@bud-monitoring/contracts';
import type { Point } from './types';

/** The points of a series of the API, whichever form it has. */
export function pointsOf(series: TimeSeries | undefined): readonly Point[] {
  if (series === undefined) return [];
  if (Array.isArray(series)) return series.map(({ timestamp: at, value }) => ({ at, value }));
  const { start, step, values, end } = series;
  return values.map((value, place) => {
    const last = place === values.length - 1;
    return { at: last && end !== undefined ? end : start + place * step, value };
  });
}
