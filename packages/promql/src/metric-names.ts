import { defaultMaxLength, parse } from './parse/parse.js';
import { readTree } from './parse/selectors.js';

/**
 * The metric names a query asks for, once each, in the order of the text: bare, quoted, or as
 * `__name__="…"`. Names meant by a regular expression are not listed; a text that is no PromQL has none.
 */
export function metricNames(query: string): string[] {
  const parsed = parse(query, defaultMaxLength);
  if (!parsed.ok) return [];
  const names = readTree(parsed.tree, query).selectors.flatMap(({ name, matchers }) => [
    ...(name === undefined ? [] : [name]),
    ...matchers
      .filter(({ label, op }) => label === '__name__' && op === '=')
      .map(({ value }) => value),
  ]);
  return [...new Set(names)];
}
