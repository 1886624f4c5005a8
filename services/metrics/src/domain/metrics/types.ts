import type { MetricFields, MetricName } from '@bud-monitoring/contracts';
import type { Figure, FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { CounterFigure } from '../time-base/counter-figure.js';
import type { InstantReading } from '../targets/instant-reading.js';
import type { RangeAggregation } from '../targets/range-aggregation.js';
import type { Bounds } from '../bounds.js';

/** Something that is measured per node, and the expressions that read it. */
export interface Quantity {
  readonly id: string;
  /** Every metric that it may read. */
  readonly metricNames: readonly string[];
  /** Figures that follow from the growth of counters: at the end of the window, rates. */
  counters(scope: Scope): CounterFigure[];
  /** The other figures at the end of the window. */
  instant(scope: Scope, instant: InstantReading): Figure[];
  /** Figures of gauges from which, with the growth of the counters, `meanOf` takes the mean over a range. */
  mean(scope: Scope, aggregation: RangeAggregation): Figure[];
  /** Whether a recording rule replaces the counters in long ranges, where it covers the nodes. */
  readonly isRecorded?: boolean;
  /** The value of one node, by means of gauges and growth of counters per second. */
  meanOf(read: FigureReader): number | null;
  /** What a node weighs among others, for shares. */
  weightOf?(read: FigureReader): number | null;
  /** Gauges at each instant: those that `meanOf` needs beside the rates, or its value as the figure `<id>`. */
  points(scope: Scope, at: InstantReading): Figure[];
}

type OwnFields<Name extends MetricName> = Omit<
  MetricFields<Name>,
  'average' | 'previous_average' | 'change_percent' | 'time_series'
>;

/** One metric of the answer that node-exporter gives: adding one is adding an entry like this. */
export interface NodeMetric<Name extends MetricName = MetricName> {
  readonly name: Name;
  /** Mean, points and comparison are those of the sum of these. */
  readonly quantities: readonly Quantity[];
  /** A share is compared in percentage points and weighted; an amount in percent, and added up. */
  readonly kind: 'share' | 'amount';
  /** The figures at the end of the window; a node counts in the cluster's sum if it has all. */
  readonly figures: readonly string[];
  /** Figures by which it is known of nodes that lack those. */
  readonly otherFigures?: readonly string[];
  /** The figure that weighs a node, for a share. */
  readonly weight?: string;
  /** What it can be, in the unit of mean and points: what is beyond is no part of anything. */
  readonly bounds: Bounds;
  /** The figures at the end, with those that follow from others where they are missing. */
  completed?(read: FigureReader): FigureReader;
  /** Those of the figures at the end that, together with the others, cannot be. */
  implausible(read: FigureReader): readonly string[];
  /** The field without which the metric is missing. */
  readonly main: keyof OwnFields<Name> & string;
  /** The metric's own fields, of a node or of the sums over the cluster. */
  fields(read: FigureReader): OwnFields<Name>;
}
