import type { Unit } from '../../format/figure';

/** One point of a series: Unix seconds, and null where nothing was measured. */
export interface Point {
  readonly at: number;
  readonly value: number | null;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

/** What a chart shows. Its series have the same moments. */
export interface ChartProps {
  title: string;
  unit: Unit;
  series: readonly Series[];
  /** Of the time axis, Unix seconds. */
  range: { from: number; to: number };
}
