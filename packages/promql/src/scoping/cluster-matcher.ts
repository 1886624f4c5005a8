import { analyzeRegex, type RegexAnalysis } from '../regex/analyze.js';
import type { PlacedMatcher } from '../parse/selectors.js';

/** The reason against a matcher whose regular expression is none, or too long or unusual to be read here. */
export const unjudged = 'its regular expression cannot be judged';

/** Most different patterns on `cluster` that are analyzed in one query; dashboards have one. */
const maxPatterns = 3;

/**
 * Checks the caller's own matchers on `cluster`. A matcher is allowed when it can match the id:
 * - `=` names the id itself;
 * - `!=` names anything else: leaving another cluster out is not asking for it;
 * - `=~` matches the id and every branch of each alternation in it is needed for some match of the id (an
 *   empty branch names nobody): `.+` and `aa(bb|.*)` are allowed, `id|other` names another;
 * - `!~` does not match the id.
 * Our own matcher is enforced beside it in any case: this is about refusing a query rather than answering
 * another one, not about isolation. The store may have several `spellings` of the id, which name it as well.
 *
 * @returns a function that gives the reason against a matcher, or undefined where it is allowed
 */
export function clusterMatcherCheck(
  cluster: string,
  spellings: readonly string[],
): (matcher: PlacedMatcher) => string | undefined {
  const names = [...new Set([cluster, ...spellings])];
  const analyses = new Map<string, RegexAnalysis>();
  const analyze = (pattern: string): RegexAnalysis => {
    const known = analyses.get(pattern);
    if (known) return known;
    if (analyses.size >= maxPatterns) return 'unreadable';
    const analysis = analyzeForAll(pattern, names);
    analyses.set(pattern, analysis);
    return analysis;
  };
  return ({ op, value }) => {
    switch (op) {
      case '=':
        return names.includes(value) ? undefined : `it asks for another cluster than ${cluster}`;
      case '!=':
        return !names.includes(value) ? undefined : `it leaves out the cluster ${cluster}`;
      case '=~':
        return reasons[analyze(value)]?.(cluster);
      case '!~': {
        const analysis = analyze(value);
        if (analysis === 'unreadable') return unjudged;
        return analysis === 'differs' ? undefined : `it leaves out the cluster ${cluster}`;
      }
    }
  };
}

/** Names one by one, as a dashboard writes them: however many there are, nothing needs to be analyzed. */
const list = /^[\w-]+(?:\|[\w-]+)*$/;

/** The pattern against a cluster of several names: what lists them names nobody else. */
function analyzeForAll(pattern: string, names: readonly string[]): RegexAnalysis {
  const branches = pattern.split('|');
  if (branches.every((branch) => names.includes(branch))) return 'matches';
  if (list.test(pattern)) {
    return branches.some((branch) => names.includes(branch)) ? 'matches_others' : 'differs';
  }
  const found = names.map((name) => analyzeRegex(pattern, name));
  const order = ['unreadable', 'matches', 'matches_others'] as const;
  return order.find((analysis) => found.includes(analysis)) ?? 'differs';
}

const reasons: Record<RegexAnalysis, ((cluster: string) => string) | undefined> = {
  matches: undefined,
  matches_others: (cluster) => `it names another cluster beside ${cluster}`,
  differs: (cluster) => `it asks for another cluster than ${cluster}`,
  unreadable: () => unjudged,
};
