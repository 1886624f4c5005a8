import type { Figures } from '../../promql/figure.js';
import type { TimeRange } from '../../time/time-range.js';

/** What the store answered for one part of a window. */
export interface PartFigures {
  readonly range: TimeRange;
  readonly figures: Figures;
}
