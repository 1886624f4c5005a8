import { readPattern } from './syntax.js';
import type { Pattern } from './syntax.js';

/** Longer patterns, or ones that unfold into more, are not judged. */
const maxLength = 1_000;
const maxStates = 1_000;
const maxBuilt = 4_000;

/**
 * How a regular expression, anchored at both ends as in PromQL, stands to one value.
 * - `matches`: it matches, and every branch of every alternation is on the way of some match (or empty).
 * - `matches_others`: it matches, but has a branch that only other values need.
 * - `differs`: it does not match.
 * - `unreadable`: no RE2, or more than is judged here.
 */
export type Judgement = 'matches' | 'matches_others' | 'differs' | 'unreadable';

/**
 * Runs the pattern as a set of states over the value, forward from its start and backward from its end, so
 * that time is bounded by states × characters: a backtracking matcher could be held up for ever by a caller.
 */
export function judgeRegex(source: string, value: string): Judgement {
  const pattern = source.length > maxLength ? undefined : readPattern(source);
  if (!pattern) return 'unreadable';
  const characters = Array.from(value, (character) => character.codePointAt(0) ?? 0);
  const machine = compile(pattern, characters.length + 1);
  if (!machine) return 'unreadable';
  const used = usedStates(machine, characters);
  if (!used) return 'differs';
  return machine.branches.every((entries) => entries.some((entry) => used.has(entry)))
    ? 'matches'
    : 'matches_others';
}

type State =
  | { readonly kind: 'accept' }
  | { readonly kind: 'fork'; readonly next: number[] }
  | { readonly kind: 'character'; readonly test: (code: number) => boolean; readonly next: number }
  | {
      readonly kind: 'assertion';
      readonly at: 'start' | 'end' | 'boundary' | 'inside';
      readonly next: number;
    };

interface Machine {
  readonly states: readonly State[];
  readonly start: number;
  /** For each branch that is not empty, the states it may begin with. */
  readonly branches: readonly (readonly number[])[];
}

class TooLarge extends Error {}

function compile(pattern: Pattern, maxRepetitions: number): Machine | undefined {
  const states: State[] = [{ kind: 'accept' }];
  const branches = new Map<Pattern, number[]>();
  let built = 0;
  const add = (state: State): number => states.push(state) - 1;
  const build = (node: Pattern, next: number): number => {
    // Counts what adds no state too: an empty group may be repeated for ever.
    built += 1;
    if (built > maxBuilt || states.length > maxStates) throw new TooLarge();
    switch (node.kind) {
      case 'character':
      case 'assertion':
        return add({ ...node, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => build(part, after), next);
      case 'alternation':
        return add({
          kind: 'fork',
          next: node.branches.map((branch) => {
            const entry = add({ kind: 'fork', next: [build(branch, next)] });
            if (!isEmpty(branch)) branches.set(branch, [...(branches.get(branch) ?? []), entry]);
            return entry;
          }),
        });
      case 'repetition':
        return buildRepetition(node, next);
    }
  };
  const buildRepetition = (
    { of, min, max }: Extract<Pattern, { kind: 'repetition' }>,
    next: number,
  ): number => {
    // More rounds than characters change nothing: each further round would have to be empty.
    const least = Math.min(min, maxRepetitions);
    let entry = next;
    if (max === Infinity) {
      const around: number[] = [next];
      entry = add({ kind: 'fork', next: around });
      around.push(build(of, entry));
    } else {
      for (let round = least; round < Math.min(max, maxRepetitions); round += 1) {
        entry = add({ kind: 'fork', next: [build(of, entry), next] });
      }
    }
    for (let round = 0; round < least; round += 1) entry = build(of, entry);
    return entry;
  };
  try {
    const start = build(pattern, 0);
    return { states, start, branches: [...branches.values()] };
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

function isEmpty(pattern: Pattern): boolean {
  return pattern.kind === 'sequence' && pattern.parts.length === 0;
}

/** The states on the way of some match of the whole value; nothing if there is no match. */
function usedStates({ states, start }: Machine, value: readonly number[]): Set<number> | undefined {
  const width = states.length;
  // A place is a state at a position; the sources of each are kept to find the way back.
  const sources: (number[] | undefined)[] = new Array<undefined>(width * (value.length + 1));
  const queue = [start];
  sources[start] = [];
  for (const current of queue) {
    const position = Math.floor(current / width);
    for (const following of step(states[current % width], position, value)) {
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

function step(
  state: State | undefined,
  position: number,
  value: readonly number[],
): { state: number; position: number }[] {
  const here = value[position];
  switch (state?.kind) {
    case 'fork':
      return state.next.map((next) => ({ state: next, position }));
    case 'character':
      return here !== undefined && state.test(here)
        ? [{ state: state.next, position: position + 1 }]
        : [];
    case 'assertion':
      return holds(state.at, position, value) ? [{ state: state.next, position }] : [];
    default:
      return [];
  }
}

function holds(
  at: 'start' | 'end' | 'boundary' | 'inside',
  position: number,
  value: readonly number[],
): boolean {
  if (at === 'start') return position === 0;
  if (at === 'end') return position === value.length;
  const boundary = isWord(value[position - 1]) !== isWord(value[position]);
  return at === 'boundary' ? boundary : !boundary;
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && /\w/.test(String.fromCodePoint(code));
}
