import { leftOpenRange } from '../promql/range-selector.js';

/** How gauges are aggregated over a range. */
export interface RangeAggregation {
  readonly kind: 'range';
  /** The range of a range vector selector: `[3599999ms]`. */
  readonly rangeSelector: string;
  /** Whether recording rules replace what is too much to read raw. */
  readonly recorded: boolean;
}

/** Over a range of so many seconds; `recorded` says whether recording rules cover the nodes. */
export function aggregationOver(seconds: number, recorded: boolean): RangeAggregation {
  return {
    kind: 'range',
    rangeSelector: leftOpenRange(seconds * 1000),
    recorded: recorded && seconds > 3600,
  };
}
