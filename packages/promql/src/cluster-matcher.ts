import { judgeRegex } from './regex/judge.js';
import type { PlacedMatcher } from './selectors.js';

/** So many different expressions on `cluster` are judged in one query; dashboards have one. */
const maxPatterns = 4;

/**
 * Judges the caller's own matchers on `cluster`. A matcher stands when it can match the id:
 * - `=` names the id itself;
 * - `!=` names anything else: leaving another cluster out is not asking for it;
 * - `=~` matches the id and every branch of each alternation in it is needed for some match of the id (an
 *   empty branch names nobody): `.+` and `aa(bb|.*)` stand, `id|other` names another;
 * - `!~` does not match the id.
 * Our own matcher stands beside it in any case, so this is about refusing instead of answering something
 * that was not asked, and not about safety.
 *
 * @returns a function that gives the reason against a matcher, or undefined where it stands
 */
export function clusterJudge(cluster: string): (matcher: PlacedMatcher) => string | undefined {
  const judged = new Map<string, ReturnType<typeof judgeRegex>>();
  const judge = (pattern: string): ReturnType<typeof judgeRegex> => {
    const known = judged.get(pattern);
    if (known) return known;
    if (judged.size >= maxPatterns) return 'unreadable';
    const verdict = judgeRegex(pattern, cluster);
    judged.set(pattern, verdict);
    return verdict;
  };
  return ({ op, value }) => {
    switch (op) {
      case '=':
        return value === cluster ? undefined : `it asks for another cluster than ${cluster}`;
      case '!=':
        return value !== cluster ? undefined : `it leaves out the cluster ${cluster}`;
      case '=~':
        return reasons[judge(value)]?.(cluster);
      case '!~': {
        const verdict = judge(value);
        if (verdict === 'unreadable') return reasons.unreadable?.(cluster);
        return verdict === 'differs' ? undefined : `it leaves out the cluster ${cluster}`;
      }
    }
  };
}

const reasons: Record<ReturnType<typeof judgeRegex>, ((cluster: string) => string) | undefined> = {
  matches: undefined,
  matches_others: (cluster) => `it names another cluster beside ${cluster}`,
  differs: (cluster) => `it asks for another cluster than ${cluster}`,
  unreadable: () => 'its regular expression cannot be judged',
};
