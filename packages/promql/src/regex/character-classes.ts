/** Whether a code point belongs to a class. */
export type CharacterTest = (code: number) => boolean;

/** The code point of a character. */
export const code = (character: string): number => character.codePointAt(0) ?? 0;
const isDigit: CharacterTest = (c) => c >= 48 && c <= 57;
/** `\w`: ASCII letters, digits and the underscore. */
export const isWord: CharacterTest = (c) =>
  isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const isSpace: CharacterTest = (c) => c === 32 || c === 9 || c === 10 || c === 12 || c === 13;
/** Everything that the class leaves out. */
export const not =
  (test: CharacterTest): CharacterTest =>
  (c) =>
    !test(c);

/** Perl classes by the letter after the backslash. */
export const classes: Readonly<Record<string, CharacterTest>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
/** ASCII classes: `[[:alpha:]]`. */
export const posix: Readonly<Record<string, RegExp>> = {
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
/** Escapes that stand for one control character. */
export const controls: Readonly<Record<string, number>> = {
  a: 7,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/** Under `(?i)` a test holds when it holds for either case of the character. */
export function folded(test: CharacterTest, fold: boolean): CharacterTest {
  if (!fold) return test;
  return (c) => {
    const character = String.fromCodePoint(c);
    return test(c) || test(code(character.toLowerCase())) || test(code(character.toUpperCase()));
  };
}
