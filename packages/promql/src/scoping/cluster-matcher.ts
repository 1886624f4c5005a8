import { analyzeRegex, type RegexAnalysis } from '../regex/analyze.js';
import type { PlacedMatcher } from '../parse/selectors.js';

/** Most different patterns on `cluster` that are analyzed in one query; dashboards have one. */
const maxPatterns = 4;

/**
 * Checks the caller's own matchers on `cluster`. A matcher is allowed when it can match the id:
 * - `=` names the id itself;
 * - `!=` names anything else: leaving another cluster out is not asking for it;
 * - `=~` matches the id and every branch of each alternation in it is needed for some match of the id (an
 *   empty branch names nobody): `.+` and `aa(bb|.*)` are allowed, `id|other` names another;
 * - `!~` does not match the id.
 * Our own matcher is enforced beside it in any case: this is about refusing a query rather than answering
 * another one, not about isolation.
 *
 * @returns a function that gives the reason against a matcher, or undefined where it is allowed
 */
export function clusterMatcherCheck(
  cluster: string,
): (matcher: PlacedMatcher) => string | undefined {
  const analyses = new Map<string, RegexAnalysis>();
  const analyze = (pattern: string): RegexAnalysis => {
    const known = analyses.get(pattern);
    if (known) return known;
    if (analyses.size >= maxPatterns) return 'unreadable';
    const analysis = analyzeRegex(pattern, cluster);
    analyses.set(pattern, analysis);
    return analysis;
  };
  return ({ op, value }) => {
    switch (op) {
      case '=':
        return value === cluster ? undefined : `it asks for another cluster than ${cluster}`;
      case '!=':
        return value !== cluster ? undefined : `it leaves out the cluster ${cluster}`;
      case '=~':
        return reasons[analyze(value)]?.(cluster);
      case '!~': {
        const analysis = analyze(value);
        if (analysis === 'unreadable') return reasons.unreadable?.(cluster);
        return analysis === 'differs' ? undefined : `it leaves out the cluster ${cluster}`;
      }
    }
  };
}

const reasons: Record<RegexAnalysis, ((cluster: string) => string) | undefined> = {
  matches: undefined,
  matches_others: (cluster) => `it names another cluster beside ${cluster}`,
  differs: (cluster) => `it asks for another cluster than ${cluster}`,
  unreadable: () => 'its regular expression cannot be judged',
};
