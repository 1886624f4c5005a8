/** A regular expression as a tree. Flags are resolved into the leaves; captures leave no trace. */
export type Pattern =
  | { readonly kind: 'character'; readonly test: (code: number) => boolean }
  | { readonly kind: 'assertion'; readonly at: 'start' | 'end' | 'boundary' | 'inside' }
  | { readonly kind: 'sequence'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'alternation'; readonly branches: readonly Pattern[] }
  | {
      readonly kind: 'repetition';
      readonly of: Pattern;
      readonly min: number;
      readonly max: number;
    };

/**
 * Reads the RE2 syntax that Prometheus takes: literals, classes, groups, flags, repetitions, anchors.
 * `undefined` for what is no RE2, and for the rare parts not read here (`\p{…}`, octal escapes, `[:ascii:]`): a pattern
 * that cannot be read cannot be judged.
 */
export function readPattern(source: string): Pattern | undefined {
  const reader = new Reader(source);
  try {
    const pattern = reader.alternation(false);
    return reader.done() ? pattern : undefined;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

class Unreadable extends Error {}

type Test = (code: number) => boolean;

const code = (character: string): number => character.codePointAt(0) ?? 0;
const isDigit: Test = (c) => c >= 48 && c <= 57;
const isWord: Test = (c) => isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const isSpace: Test = (c) => c === 32 || c === 9 || c === 10 || c === 12 || c === 13;
const not =
  (test: Test): Test =>
  (c) =>
    !test(c);

const classes: Readonly<Record<string, Test>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const posix: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[\t ]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t\n\v\f\r ]/,
  upper: /[A-Z]/,
  word: /\w/,
  xdigit: /[0-9A-Fa-f]/,
};
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Under `(?i)` a test holds when it holds for either case of the character. */
function folded(test: Test, fold: boolean): Test {
  if (!fold) return test;
  return (c) => {
    const character = String.fromCodePoint(c);
    return test(c) || test(code(character.toLowerCase())) || test(code(character.toUpperCase()));
  };
}

class Reader {
  private readonly source: string;
  private position = 0;
  private fold = false;

  constructor(source: string) {
    this.source = source;
  }

  done(): boolean {
    return this.position === this.source.length;
  }

  alternation(inGroup: boolean): Pattern {
    const outer = this.fold;
    const branches: Pattern[] = [];
    do branches.push(this.sequence());
    while (this.take('|'));
    if (inGroup) {
      if (!this.take(')')) throw new Unreadable();
      this.fold = outer;
    }
    const [only] = branches;
    return branches.length === 1 && only ? only : { kind: 'alternation', branches };
  }

  private sequence(): Pattern {
    const parts: Pattern[] = [];
    while (!this.done() && !this.sees('|') && !this.sees(')')) {
      const atom = this.atom();
      parts.push(...atom.slice(0, -1));
      const last = atom.at(-1);
      if (last) parts.push(this.repeated(last));
    }
    return { kind: 'sequence', parts };
  }

  /** The next atom; several for `\Q…\E`, none for `(?i)`. */
  private atom(): Pattern[] {
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
        throw new Unreadable();
      case '{':
        // A count needs something before it; any other brace is a literal.
        if (this.match(/\d+(?:,\d*)?\}/y)) throw new Unreadable();
        return [this.literal(character)];
      default:
        return [this.literal(character)];
    }
  }

  private group(): Pattern[] {
    const head = this.match(/\?(?:P?<\w+>|(?<flags>[imsU]*(?:-[imsU]+)?)(?<end>[:)]))/y);
    if (!head) {
      if (this.sees('?')) throw new Unreadable();
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

  private repeated(atom: Pattern): Pattern {
    const found = this.match(/(?:([*+?])|\{(\d{1,4})(?:(,)(\d{0,4}))?\})\??/y);
    if (!found) return atom;
    const [, sign, min, comma, max] = found;
    // RE2 refuses a repetition of a repetition (`a**`) and counts above 1000.
    if (this.match(/[*+?]|\{\d+(?:,\d*)?\}/y)) throw new Unreadable();
    const least = sign === undefined ? Number(min) : sign === '+' ? 1 : 0;
    const most = sign === undefined ? upper(min, comma, max) : sign === '?' ? 1 : Infinity;
    if (least > 1000 || (most > 1000 && most !== Infinity) || least > most) throw new Unreadable();
    return { kind: 'repetition', of: atom, min: least, max: most };
  }

  private escaped(): Pattern[] {
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
  private escape(): number | Test {
    const hex = this.match(/x(?:([\dA-Fa-f]{2})|\{([\dA-Fa-f]{1,6})\})/y);
    if (hex) return parseInt(hex[1] ?? hex[2] ?? '', 16);
    const character = this.next();
    const found = classes[character] ?? controls[character];
    if (found !== undefined) return found;
    if (isWord(code(character)) || code(character) > 0x7f) throw new Unreadable();
    return code(character);
  }

  private bracket(): Test {
    const negated = this.take('^');
    const tests: Test[] = [];
    for (let first = true; first || !this.sees(']'); first = false) {
      const named = this.match(/\[:(\^?)([a-z]+):\]/y);
      if (named) {
        const set = posix[named[2] ?? ''];
        if (!set) throw new Unreadable();
        const test: Test = (c) => set.test(String.fromCodePoint(c));
        tests.push(named[1] === '^' ? not(test) : test);
        continue;
      }
      const from = this.member();
      if (typeof from !== 'number') {
        tests.push(from);
      } else if (this.match(/-(?!\])/y)) {
        const to = this.member();
        if (typeof to !== 'number' || to < from) throw new Unreadable();
        tests.push((c) => c >= from && c <= to);
      } else {
        tests.push((c) => c === from);
      }
    }
    this.next();
    const any = folded((c) => tests.some((test) => test(c)), this.fold);
    return negated ? not(any) : any;
  }

  private member(): number | Test {
    const character = this.next();
    return character === '\\' ? this.escape() : code(character);
  }

  private literal(character: string | number): Pattern {
    const wanted = typeof character === 'number' ? character : code(character);
    return this.leaf(folded((c) => c === wanted, this.fold));
  }

  private leaf(test: Test): Pattern {
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
    if (point === undefined) throw new Unreadable();
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
