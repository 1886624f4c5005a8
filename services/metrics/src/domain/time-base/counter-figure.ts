import type { Figure } from '../promql/figure.js';
import type { TargetGroup } from './target-group.js';

/** Applies a function of a range to the series that a selector selects. */
export type OverRange = (selected: string) => string;

/**
 * A figure that is the growth of counters, one row a target. It must be linear in what each counter grew:
 * sums and factors, nothing else.
 */
export interface CounterFigure {
  readonly figure: string;
  readonly group: TargetGroup;
  readonly expr: (of: OverRange) => string;
}

/** The target groups of figures, each once. */
export function groupsOf(figures: readonly Pick<CounterFigure, 'group'>[]): TargetGroup[] {
  return [...new Map(figures.map(({ group }) => [group.id, group])).values()];
}

/** The figures with a function applied to their series, by names of their own. */
export function applied(
  figures: readonly CounterFigure[],
  nameOf: (figure: string) => string,
  of: OverRange,
): Figure[] {
  return figures.map(({ figure, expr }) => ({ figure: nameOf(figure), expr: expr(of) }));
}
