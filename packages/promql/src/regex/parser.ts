import { classes, code, controls, folded, isWord, not, posix } from './character-classes.js';
import type { CharacterTest } from './character-classes.js';

/** A regular expression as a tree. Flags are resolved into the leaves; captures leave no trace. */
export type RegexNode =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'assertion'; readonly at: 'start' | 'end' | 'boundary' | 'inside' }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'alternation'; readonly branches: readonly RegexNode[] }
  | {
      readonly kind: 'repetition';
      readonly of: RegexNode;
      readonly min: number;
      readonly max: number;
    };

/**
 * Parses the RE2 syntax that Prometheus accepts: literals, classes, groups, flags, repetitions, anchors.
 * `undefined` for what is not RE2, and for rare syntax that is not supported here (`\p{…}`, octal escapes,
 * `[:ascii:]`).
 */
export function parseRegex(source: string): RegexNode | undefined {
  const parser = new Parser(source);
  try {
    const pattern = parser.alternation(false);
    return parser.done() ? pattern : undefined;
  } catch (error) {
    if (error instanceof UnsupportedSyntax) return undefined;
    throw error;
  }
}

class UnsupportedSyntax extends Error {}

class Parser {
  private readonly source: string;
  private position = 0;
  private fold = false;

  constructor(source: string) {
    this.source = source;
  }

  done(): boolean {
    return this.position === this.source.length;
  }

  alternation(inGroup: boolean): RegexNode {
    const outer = this.fold;
    const branches: RegexNode[] = [];
    do branches.push(this.sequence());
    while (this.take('|'));
    if (inGroup) {
      if (!this.take(')')) throw new UnsupportedSyntax();
      this.fold = outer;
    }
    const [only] = branches;
    return branches.length === 1 && only ? only : { kind: 'alternation', branches };
  }

  private sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (!this.done() && !this.sees('|') && !this.sees(')')) {
      const atom = this.atom();
      parts.push(...atom.slice(0, -1));
      const last = atom.at(-1);
      if (last) parts.push(this.repeated(last));
    }
    return { kind: 'sequence', parts };
  }

  /** The next atom; several for `\Q…\E`, none for `(?i)`. */
  private atom(): RegexNode[] {
    const character = this.next();
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return [this.leaf(this.bracket())];
      case '.':
        return [{ kind: 'character', test: () => true }];
      case '^':
        return [{ kind: 'assertion', at: 'start' }];
      case '$':
        return [{ kind: 'assertion', at: 'end' }];
      case '\\':
        return this.escaped();
      case '*':
      case '+':
      case '?':
        throw new UnsupportedSyntax();
      case '{':
        // A count needs something before it; any other brace is a literal.
        if (this.match(/\d+(?:,\d*)?\}/y)) throw new UnsupportedSyntax();
        return [this.literal(character)];
      default:
        return [this.literal(character)];
    }
  }

  private group(): RegexNode[] {
    const head = this.match(/\?(?:P?<\w+>|(?<flags>[imsU]*(?:-[imsU]+)?)(?<end>[:)]))/y);
    if (!head) {
      if (this.sees('?')) throw new UnsupportedSyntax();
      return [this.alternation(true)];
    }
    const { flags = '', end = ':' } = head.groups ?? {};
    const outer = this.fold;
    const [on = '', off = ''] = flags.split('-');
    this.fold = (outer || on.includes('i')) && !off.includes('i');
    if (end === ')') return [];
    const pattern = this.alternation(true);
    this.fold = outer;
    return [pattern];
  }

  private repeated(atom: RegexNode): RegexNode {
    const found = this.match(/(?:([*+?])|\{(\d{1,4})(?:(,)(\d{0,4}))?\})\??/y);
    if (!found) return atom;
    const [, sign, min, comma, max] = found;
    // RE2 refuses a repetition of a repetition (`a**`) and counts above 1000.
    if (this.match(/[*+?]|\{\d+(?:,\d*)?\}/y)) throw new UnsupportedSyntax();
    const least = sign === undefined ? Number(min) : sign === '+' ? 1 : 0;
    const most = sign === undefined ? upper(min, comma, max) : sign === '?' ? 1 : Infinity;
    if (least > 1000 || (most > 1000 && most !== Infinity) || least > most)
      throw new UnsupportedSyntax();
    return { kind: 'repetition', of: atom, min: least, max: most };
  }

  private escaped(): RegexNode[] {
    if (this.match(/A/y)) return [{ kind: 'assertion', at: 'start' }];
    if (this.match(/z/y)) return [{ kind: 'assertion', at: 'end' }];
    if (this.match(/b/y)) return [{ kind: 'assertion', at: 'boundary' }];
    if (this.match(/B/y)) return [{ kind: 'assertion', at: 'inside' }];
    const quoted = this.match(/Q([^]*?)(?:\\E|$)/y);
    if (quoted) return Array.from(quoted[1] ?? '', (character) => this.literal(character));
    const escape = this.escape();
    return [typeof escape === 'number' ? this.literal(escape) : this.leaf(escape)];
  }

  /** What follows a backslash, in a class or outside: a character, or a class of them. */
  private escape(): number | CharacterTest {
    const hex = this.match(/x(?:([\dA-Fa-f]{2})|\{([\dA-Fa-f]{1,6})\})/y);
    if (hex) return parseInt(hex[1] ?? hex[2] ?? '', 16);
    const character = this.next();
    const found = classes[character] ?? controls[character];
    if (found !== undefined) return found;
    if (isWord(code(character)) || code(character) > 0x7f) throw new UnsupportedSyntax();
    return code(character);
  }

  private bracket(): CharacterTest {
    const negated = this.take('^');
    const tests: CharacterTest[] = [];
    for (let first = true; first || !this.sees(']'); first = false) {
      const named = this.match(/\[:(\^?)([a-z]+):\]/y);
      if (named) {
        const set = posix[named[2] ?? ''];
        if (!set) throw new UnsupportedSyntax();
        const test: CharacterTest = (c) => set.test(String.fromCodePoint(c));
        tests.push(named[1] === '^' ? not(test) : test);
        continue;
      }
      const from = this.member();
      if (typeof from !== 'number') {
        tests.push(from);
      } else if (this.match(/-(?!\])/y)) {
        const to = this.member();
        if (typeof to !== 'number' || to < from) throw new UnsupportedSyntax();
        tests.push((c) => c >= from && c <= to);
      } else {
        tests.push((c) => c === from);
      }
    }
    this.next();
    const any = folded((c) => tests.some((test) => test(c)), this.fold);
    return negated ? not(any) : any;
  }

  private member(): number | CharacterTest {
    const character = this.next();
    return character === '\\' ? this.escape() : code(character);
  }

  private literal(character: string | number): RegexNode {
    const own = typeof character === 'number' ? character : code(character);
    return this.leaf(folded((c) => c === own, this.fold));
  }

  private leaf(test: CharacterTest): RegexNode {
    return { kind: 'character', test };
  }

  private sees(character: string): boolean {
    return this.source[this.position] === character;
  }

  private take(character: string): boolean {
    const taken = this.sees(character);
    if (taken) this.position += 1;
    return taken;
  }

  private next(): string {
    const point = this.source.codePointAt(this.position);
    if (point === undefined) throw new UnsupportedSyntax();
    const character = String.fromCodePoint(point);
    this.position += character.length;
    return character;
  }

  private match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.position;
    const found = expression.exec(this.source);
    if (found) this.position = expression.lastIndex;
    return found;
  }
}

function upper(
  min: string | undefined,
  comma: string | undefined,
  max: string | undefined,
): number {
  if (comma === undefined) return Number(min);
  return max === undefined || max === '' ? Infinity : Number(max);
}
