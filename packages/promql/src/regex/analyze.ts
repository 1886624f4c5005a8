import { maxLength } from './accepts.js';
import { compileNfa, followers, type Nfa } from './nfa.js';
import { parseRegex } from './parser.js';

/**
 * How a regular expression, anchored at both ends as in PromQL, relates to one value.
 * - `matches`: it matches, and every branch of every alternation is on the way of some match (or empty).
 * - `matches_others`: it matches, but has a branch that only other values need.
 * - `differs`: it does not match.
 * - `unreadable`: no RE2, or more than is analyzed here.
 */
export type RegexAnalysis = 'matches' | 'matches_others' | 'differs' | 'unreadable';

/**
 * Runs the pattern as a set of states over the value, forward from its start and backward from its end, so
 * that time is bounded by states × characters: a backtracking matcher could be held up for ever by a caller.
 */
export function analyzeRegex(source: string, value: string): RegexAnalysis {
  const pattern = source.length > maxLength ? undefined : parseRegex(source);
  if (!pattern) return 'unreadable';
  const characters = Array.from(value, (character) => character.codePointAt(0) ?? 0);
  const nfa = compileNfa(pattern, characters.length + 1);
  if (!nfa) return 'unreadable';
  const used = statesOnMatches(nfa, characters);
  if (!used) return 'differs';
  return nfa.branches.every((entries) => entries.some((entry) => used.has(entry)))
    ? 'matches'
    : 'matches_others';
}

/** The states on the way of some match of the whole value; nothing if there is no match. */
function statesOnMatches(
  { states, start }: Nfa,
  value: readonly number[],
): Set<number> | undefined {
  const width = states.length;
  // A place is a state at a position; the sources of each are kept to walk back from the end.
  const sources: (number[] | undefined)[] = new Array<undefined>(width * (value.length + 1));
  const queue = [start];
  sources[start] = [];
  for (const current of queue) {
    const position = Math.floor(current / width);
    for (const following of followers(states[current % width], position, value)) {
      const target = following.position * width + following.state;
      const known = sources[target];
      if (known) known.push(current);
      else {
        sources[target] = [current];
        queue.push(target);
      }
    }
  }
  const end = value.length * width;
  if (!sources[end]) return undefined;
  const way = [end];
  const used = new Set<number>();
  const seen = new Uint8Array(sources.length);
  seen[end] = 1;
  for (const current of way) {
    used.add(current % width);
    for (const before of sources[current] ?? []) {
      if (seen[before] === 0) {
        seen[before] = 1;
        way.push(before);
      }
    }
  }
  return used;
}
