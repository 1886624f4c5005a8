import { leftOpenRange } from '../promql/range-selector.js';

/** How long a value counts as current (ms): Prometheus' lookback delta. */
export const lookbackMs = 300_000;

/** How gauges at an instant are read. */
export interface InstantReading {
  readonly kind: 'instant';
  /** The newest value. */
  readonly latest: (selected: string) => string;
}

/** The end of the window: the last 5 minutes as an explicit range, since stores differ in their lookback. */
export const endReading: InstantReading = {
  kind: 'instant',
  latest: (selected) => `last_over_time(${selected}${leftOpenRange(lookbackMs)})`,
};

/** The points of a series: plain selectors, which are cheap. */
export const stepReading: InstantReading = { kind: 'instant', latest: (selected) => selected };
