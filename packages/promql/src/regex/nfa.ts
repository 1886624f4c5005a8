import type { CharacterTest } from './character-classes.js';
import type { RegexNode } from './parser.js';

/** Patterns that compile to more states, or take more nodes to compile, are not read. */
const maxStates = 200;
const maxNodes = 1_000;

type AssertionKind = Extract<RegexNode, { kind: 'assertion' }>['at'];

type State =
  | { readonly kind: 'accept' }
  | { readonly kind: 'fork'; readonly next: number[] }
  | { readonly kind: 'character'; readonly test: CharacterTest; readonly next: number }
  | {
      readonly kind: 'assertion';
      readonly at: AssertionKind;
      readonly next: number;
    };

/** A nondeterministic finite automaton; state 0 accepts. */
export interface Nfa {
  readonly states: readonly State[];
  readonly start: number;
  /** For each branch that is not empty, the states it may begin with. */
  readonly branches: readonly (readonly number[])[];
}

class TooLarge extends Error {}

/**
 * Compiles a pattern by Thompson's construction; undefined where it would become too large.
 *
 * @param maxRepetitions repetitions that are unfolded at most; one more than the value has characters is enough
 */
export function compileNfa(pattern: RegexNode, maxRepetitions: number): Nfa | undefined {
  const states: State[] = [{ kind: 'accept' }];
  const branches = new Map<RegexNode, number[]>();
  let visited = 0;
  const add = (state: State): number => states.push(state) - 1;
  const build = (node: RegexNode, next: number): number => {
    // Counts what adds no state too: an empty group may be repeated for ever.
    visited += 1;
    if (visited > maxNodes || states.length > maxStates) throw new TooLarge();
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
    { of, min, max }: Extract<RegexNode, { kind: 'repetition' }>,
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

function isEmpty(pattern: RegexNode): boolean {
  return pattern.kind === 'sequence' && pattern.parts.length === 0;
}

/** Where a state leads to at a position of a value. */
export function followers(
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
      return assertionHolds(state.at, position, value) ? [{ state: state.next, position }] : [];
    default:
      return [];
  }
}

function assertionHolds(at: AssertionKind, position: number, value: readonly number[]): boolean {
  if (at === 'start') return position === 0;
  if (at === 'end') return position === value.length;
  const boundary = isWord(value[position - 1]) !== isWord(value[position]);
  return at === 'boundary' ? boundary : !boundary;
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && /\w/.test(String.fromCodePoint(code));
}
