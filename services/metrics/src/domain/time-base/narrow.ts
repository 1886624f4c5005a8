import type { Labels } from '../../ports.js';
import { maxNamesLength } from '../promql/expression-limit.js';
import { matchAnyOf } from '../promql/matchers.js';
import type { Scope } from '../promql/scope.js';

/** Characters of an expression beside the names and the matchers of the scope, a figure. */
const restPerFigure = 240;

/**
 * The scope of the instances of these targets alone; the whole scope where they cannot be named, or not within
 * the length of an expression that repeats them for so many figures.
 */
export function narrowTo(
  scope: Scope,
  targets: readonly { readonly metric: Labels }[],
  figures: number,
): Scope {
  const instances = [...new Set(targets.map(({ metric }) => metric['instance'] ?? ''))];
  const matcher = matchAnyOf('instance', instances);
  const perFigure = restPerFigure + scope.select('').length;
  const longest = maxNamesLength({ occurrences: figures, rest: perFigure * figures });
  if (instances.includes('') || matcher.value.length > longest) return scope;
  return {
    ...scope,
    select: (name, ...others) => scope.select(name, matcher, ...others),
    selectAny: (names, ...others) => scope.selectAny(names, matcher, ...others),
  };
}
