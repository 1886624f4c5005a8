import type { RangeQuery } from '../scoping/scope-request.js';

/**
 * Why the points of a query depend on more than their own time, so that they must not be cached; null
 * where they do not. It looks at the text alone and errs on one side: what is in quotes counts too.
 */
export function uncacheableReason({ query, start, step }: RangeQuery): string | null {
  if (!Number.isInteger(start) || !Number.isInteger(step)) return 'times are not whole seconds';
  if (query.includes('#')) return 'the query has a comment';
  if (query.includes('@')) return 'the query has an @ modifier';
  // A duration may be an expression (offset (1m - 1h)); only a plain one surely looks back.
  if (/\boffset\b(?!\s+[\dsmhdwy]+\b)|\bsmoothed\b/i.test(query)) return 'the query may look ahead';
  if (/\b(?:start|end|step|range)\s*\(/i.test(query)) return 'the query reads its own range';
  return null;
}
