import { compileNfa, followers } from './nfa.js';
import { parseRegex, type RegexNode } from './parser.js';

/** Longer patterns are not read. */
export const maxLength = 1_000;

/** Whether a pattern, anchored at both ends, matches the empty text; undefined where it cannot be read. */
export function acceptsEmpty(source: string): boolean | undefined {
  const pattern = source.length > maxLength ? undefined : parseRegex(source);
  return pattern && matchesEmpty(pattern);
}

function matchesEmpty(pattern: RegexNode): boolean {
  switch (pattern.kind) {
    case 'character':
      return false;
    case 'assertion':
      return pattern.at !== 'boundary';
    case 'sequence':
      return pattern.parts.every(matchesEmpty);
    case 'alternation':
      return pattern.branches.some(matchesEmpty);
    case 'repetition':
      return pattern.min === 0 || matchesEmpty(pattern.of);
  }
}

/** What regular expressions may cost together, in states at characters; less than nothing once it is spent. */
export interface RegexBudget {
  left: number;
}

/**
 * A pattern that many values are asked of, read once: whether it matches, anchored at both ends; undefined where it
 * cannot be read or the budget is spent.
 */
export function regexTest(
  source: string,
  budget: RegexBudget,
): (value: string) => boolean | undefined {
  const pattern = source.length > maxLength ? undefined : parseRegex(source);
  const known = new Map<string, boolean | undefined>();
  return (value) => {
    if (!known.has(value)) known.set(value, pattern && accepts(pattern, value, budget));
    return known.get(value);
  };
}

function accepts(pattern: RegexNode, value: string, budget: RegexBudget): boolean | undefined {
  const characters = Array.from(value, (character) => character.codePointAt(0) ?? 0);
  if (budget.left < characters.length) budget.left = -1;
  if (budget.left < 0) return undefined;
  const nfa = compileNfa(pattern, characters.length + 1);
  if (!nfa) return undefined;
  budget.left -= nfa.states.length * (characters.length + 1);
  if (budget.left < 0) return undefined;
  let current = new Set([nfa.start]);
  for (let position = 0; ; position += 1) {
    const following = new Set<number>();
    // A set that grows is gone through to its end.
    for (const state of current) {
      for (const next of followers(nfa.states[state], position, characters)) {
        (next.position === position ? current : following).add(next.state);
      }
    }
    if (position === characters.length) return current.has(0);
    current = following;
  }
}
