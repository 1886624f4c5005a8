import type { MetricFields, MetricName } from '@bud-monitoring/contracts';
import type { Figure } from '../promql/figure.js';
import type { Measure, Moment } from '../targets/range-aggregation.js';
import type { Scope } from '../promql/scope.js';

/** A figure of one node, or the sum over the nodes; `null` where there is none. */
export type Read = (figure: string) => number | null;

/** Something that is measured per node: what is read of the store for it. */
export interface Quantity {
  readonly id: string;
  /** Every metric of the store it may read. */
  readonly reads: readonly string[];
  /** Figures of `now` that are rates: of a node that has just come or gone they are mended. */
  readonly rates: readonly string[];
  /** Figures at the end of the window. */
  now(scope: Scope, moment: Moment): Figure[];
  /** Figures from which `meanOf` takes the mean over a span. */
  mean(scope: Scope, measure: Measure): Figure[];
  /** The mean of one node; `covered` are the seconds in which it was seen. */
  meanOf(read: Read, covered: number): number | null;
  /** What a node weighs among others, for shares. */
  weightOf?(read: Read): number | null;
  /** The figure `<id>` in the unit of the mean: at each moment, or as the mean of each step. */
  points(scope: Scope, at: Moment | Measure): Figure[];
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
  /** The figure that weighs a node, for a share. */
  readonly weight?: string;
  /** The field without which the metric is missing. */
  readonly main: keyof OwnFields<Name> & string;
  /** The metric's own fields, of a node or of the sums over the cluster. */
  fields(read: Read): OwnFields<Name>;
}
