import type { Figure } from '../../promql/figure.js';
import type { Scope } from '../../promql/scope.js';
import type { TimeRange } from '../../time/time-range.js';
import { applied, groupsOf, type CounterFigure } from '../counter-figure.js';
import { increaseOver, rangeOfStore, type GrowthSemantics } from '../growth.js';
import { grouping, type TargetGroup } from '../target-group.js';

/** A figure of gauges, one row a target: what the store says of a range is taken as it is. */
export interface GaugeFigure {
  readonly figure: string;
  readonly group: TargetGroup;
  /** Over a range of so many seconds. */
  readonly expr: (seconds: number) => string;
  /** The same without samples that cannot be: for blocks in which the figure `beyond` tells of some, or it is negative. */
  readonly sane?: (seconds: number) => string;
}

/** Name of the figure of targets with samples that cannot be. */
export const beyond = (figure: string) => `${figure}:beyond`;

/** What is read of the targets of a block: growth, means of gauges, and when they were there. */
export interface TargetFigures {
  readonly counters: readonly CounterFigure[];
  readonly gauges: readonly GaugeFigure[];
  /** Groups that are looked at though none of the figures is theirs. */
  readonly groups?: readonly TargetGroup[];
}

/** The target groups of figures, each once. */
export function groupsOfFigures({ counters, gauges, groups = [] }: TargetFigures): TargetGroup[] {
  return groupsOf([...counters, ...gauges, ...groups.map((group) => ({ group }))]);
}

/** Names of the figures that tell how often, and how much of the time, targets of a group were sampled. */
export const presenceFigures = (id: string) => ({
  count: `samples:${id}`,
  seen: `seen:${id}`,
  first: `first:${id}`,
  last: `last:${id}`,
});

/**
 * A look at a block: at each time of a grid, whether there was a sample in the reach before it. Together they
 * are 5 minutes, so that no longer gap is missed; coarser where a whole day is one block.
 */
interface Look {
  /** Seconds. */
  readonly grid: number;
  readonly reach: number;
}

/** The look that suits a block of so many seconds. */
export function lookAt(seconds: number): Look {
  if (seconds >= 86_400) return { grid: 300, reach: 330 };
  return { grid: Math.max(1, Math.min(60, Math.floor(seconds / 12))), reach: 240 };
}

/** Times of the grid of a look in a block: all of them show a target that was there all along. */
export function looksIn({ start, end }: TimeRange): number {
  const { grid } = lookAt(end - start);
  return Math.floor(end / grid) - Math.floor(start / grid);
}

/** The figures of the blocks of so many seconds: expressions that neither carry an interval nor change with time. */
export function blockFigures(
  scope: Scope,
  figures: TargetFigures,
  seconds: number,
  semantics: GrowthSemantics,
): Figure[] {
  const range = rangeOfStore(seconds, semantics);
  const { grid, reach } = lookAt(seconds);
  const presence = groupsOfFigures(figures).flatMap((group): Figure[] => {
    const reference = scope.select(group.metric, ...group.matchers);
    const names = presenceFigures(group.id);
    const most = (figure: string, expr: string) => ({
      figure,
      expr: `max ${grouping(group)} (${expr})`,
    });
    const looks = `present_over_time(${reference}[${reach}s])[${range.slice(1, -1)}:${grid}s]`;
    return [
      most(names.count, `count_over_time(${reference}${range})`),
      most(names.seen, `count_over_time(${looks})`),
      ...(semantics === 'extrapolated'
        ? []
        : [
            most(names.first, `tfirst_over_time(${reference}${range})`),
            most(names.last, `tlast_over_time(${reference}${range})`),
          ]),
    ];
  });
  return [
    ...applied(figures.counters, (figure) => figure, increaseOver(seconds, semantics)),
    ...figures.gauges.map(({ figure, expr }) => ({ figure, expr: expr(seconds) })),
    ...presence,
  ];
}
