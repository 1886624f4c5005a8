import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { TargetFigures } from './blocks/block-figures.js';
import { groupsOf } from './counter-figure.js';
import { grouping, type TargetGroup } from './target-group.js';

/** What stands in a scope for a group that has targets which its family's first group has not. */
const apart = ({ id }: TargetGroup) => `${id}:apart`;

/** A group, and the first of its family: where they tell targets apart by the same labels. */
interface Member {
  readonly group: TargetGroup;
  readonly first: TargetGroup;
}

function membersOf({ counters, gauges }: TargetFigures): Member[] {
  const firsts = new Map<string, TargetGroup>();
  return groupsOf([...counters, ...gauges]).flatMap((group) => {
    if (group.family === undefined) return [];
    const name = `${group.family} ${grouping(group)}`;
    const first = firsts.get(name) ?? group;
    firsts.set(name, first);
    return [{ group, first }];
  });
}

/**
 * The figures, with the targets of the first group of a family in the place of those of others that have none of their
 * own: when a target was there is most of what is read of thousands of devices, and so is read once.
 */
export function inFamilies(figures: TargetFigures, scope: Scope): TargetFigures {
  const firsts = new Map(
    membersOf(figures).flatMap(({ group, first }) =>
      scope.has(apart(group)) ? [] : [[group.id, first] as const],
    ),
  );
  const joined = <T extends { readonly group: TargetGroup }>(one: T): T => ({
    ...one,
    group: firsts.get(one.group.id) ?? one.group,
  });
  return {
    ...figures,
    counters: figures.counters.map(joined),
    gauges: figures.gauges.map(joined),
  };
}

/** Counts the targets of groups that the first of their family has not, each with what a scope has where there are some. */
export function apartFigures(
  figures: TargetFigures,
  scope: Scope,
): { readonly metric: string; readonly figure: Figure }[] {
  const newest = (group: TargetGroup) =>
    `last_over_time(${scope.select(group.metric, ...group.matchers)}[299999ms])`;
  return membersOf(figures).flatMap(({ group, first }) => {
    if (group === first) return [];
    const { labels } = group;
    const own =
      'by' in labels ? `on (${labels.by.join(', ')})` : `ignoring (${labels.without.join(', ')})`;
    const expr = `count(${newest(group)} unless ${own} ${newest(first)})`;
    return [{ metric: apart(group), figure: { figure: apart(group), expr } }];
  });
}
