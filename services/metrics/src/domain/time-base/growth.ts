import { leftOpenRange } from '../promql/range-selector.js';
import type { Figure } from '../promql/figure.js';
import type { TimeRange } from '../time/time-range.js';
import { applied, type CounterFigure, type OverRange } from './counter-figure.js';
import type { SamplesWithin } from './sample-times.js';

/**
 * How a store computes what a counter grew in a range: Prometheus extrapolates it towards the ends of the
 * range. VictoriaMetrics has a function for the growth between the first and the last sample in it.
 */
export type GrowthSemantics = 'extrapolated' | 'between samples';

/** Growth of each counter over the range of so many seconds, as the store computes it. */
export function increaseOver(seconds: number, semantics: GrowthSemantics): OverRange {
  const name = semantics === 'extrapolated' ? 'increase' : 'increase_prometheus';
  return (selected) => `${name}(${selected}${rangeOfStore(seconds, semantics)})`;
}

/** Functions of `nearZeroFigures`, which end the names of its figures: `cpu:busy:delta`. */
export const nearZeroNames = ['delta', 'resets'] as const;

/**
 * Figures that tell the growth where counters begin near zero: `increase()` extrapolates none of them below
 * zero, each by its own value, which cannot be undone for their sum. `delta()` does not mind, but does not
 * know resets either.
 */
export function nearZeroFigures(
  counters: readonly CounterFigure[],
  nameOf: (figure: string) => string,
  seconds: number,
): Figure[] {
  return nearZeroNames.flatMap((name) =>
    applied(
      counters,
      (figure) => `${nameOf(figure)}:${name}`,
      (selected) => `${name}(${selected}${rangeOf(seconds)})`,
    ),
  );
}

/** What a store computed of counters in one range. */
export interface ComputedGrowth {
  readonly increase: number | undefined;
  /** `nearZeroFigures`, where they were read. */
  readonly delta: number | undefined;
  readonly resets: number | undefined;
}

/**
 * What counters grew in a range as the store computed it: by `delta()` where they were not reset in it, as they may
 * have been just before. A growth far above it tells of a reset, too: Thanos' `resets()` reads what it has corrected
 * already, and finds none.
 */
export function grownIn(
  { count }: Pick<SamplesWithin, 'count'>,
  { increase, delta, resets }: ComputedGrowth,
): number | undefined {
  if (delta === undefined || resets !== 0) return increase;
  // Before version 3 Prometheus extrapolates towards zero by up to 1.1 distances, where else by a half.
  const most = delta * (1 + 0.6 / (count - 0.5)) * (1 + 1e-6);
  return increase !== undefined && increase > most ? increase : delta;
}

/** What a range lacks at its left end, seconds. */
export const openEdge = 0.001;

/** The range of so many seconds, in whole milliseconds: stores refuse fractions of one. */
export function rangeOf(seconds: number): string {
  return leftOpenRange(Math.round(seconds * 1000));
}

/** The same as a store needs it for its growth to be that of the samples later than the start: VictoriaMetrics has no edge. */
export function rangeOfStore(seconds: number, semantics: GrowthSemantics): string {
  return semantics === 'extrapolated' ? rangeOf(seconds) : `[${Math.round(seconds * 1000)}ms]`;
}

/**
 * Growth per second between the first and the last sample in a range, from what the store computed for the
 * whole range; `null` where there are no two samples. Prometheus extrapolates to an end of the range that is
 * nearer than 1.1 mean distances of the samples, else by half of one: as the samples are known, this can be
 * undone.
 */
export function perSecond(
  increase: number | undefined,
  { count, first, last }: SamplesWithin,
  { start, end }: TimeRange,
  semantics: GrowthSemantics,
): number | null {
  if (increase === undefined || count < 2 || last <= first) return null;
  if (semantics === 'between samples') return increase / (last - first);
  const mean = (last - first) / (count - 1);
  const reach = (distance: number) => (distance < 1.1 * mean ? distance : mean / 2);
  return increase / (last - first + reach(first - start - openEdge) + reach(end - last));
}
