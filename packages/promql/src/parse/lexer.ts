import { overLimit, unparsable } from '../refusal.js';
import type { Refusal } from '../refusal.js';
import { createGrammarText } from './grammar-text.js';

/** Brackets of any kind within each other; the grammar's cost grows with the square of it. */
const maxDepth = 100;

/** Names, numbers, strings and signs. A text of so many takes some 10 ms; long strings cost next to nothing. */
const maxTokens = 2_500;

const escape = /\\(?:[abfnrtv\\Q]|[0-7]{3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})/.source;
const quoted = (quote: string): string =>
  `${quote}[^${quote}\\\\\\n]*(?:${escape.replace('Q', quote)}[^${quote}\\\\\\n]*)*${quote}`;

/** One token; its first character says of which kind it is: groups would be more garbage than the parse's. */
const token = new RegExp(
  [
    String.raw`#[^\n]*`,
    `${quoted('"')}|${quoted("'")}|\`[^\`]*\``,
    String.raw`[A-Za-z_:][\w:]*`,
    String.raw`[([{)\]}]`,
    String.raw`[ \t\n\r]+`,
    String.raw`\.?\d[\w.]*|[!%*+,./<=>@^~-]`,
  ].join('|'),
  'y',
);
const nameStart = /[A-Za-z_:]/;

/**
 * Reads the text as Prometheus' own lexer does, and refuses what the two could read differently: the grammar
 * takes a carriage return in a comment for a part of it (Prometheus ends the comment there), a string without
 * an end for a string, any Unicode space for a space, and `bool.5` for two words (one name, with unquoted
 * UTF-8 names switched on). After this pass both agree on what is comment, string and code.
 *
 * @returns the text for the grammar, as long as the given one
 */
export function readTokens(text: string, maxLength: number): { ok: true; text: string } | Refusal {
  if (text.length > maxLength) {
    return overLimit(
      `The query has ${text.length} characters; at most ${maxLength} are read`,
      maxLength,
    );
  }
  const grammarText = createGrammarText(text);
  let depth = 0;
  let squareBrackets = 0;
  let tokens = 0;
  let position = 0;
  while (position < text.length) {
    token.lastIndex = position;
    if (!token.test(text)) return unparsable(describe(text, position), position);
    const first = text.charAt(position);
    // Between square brackets it is no part of a name: [5m:1.5] has a step of 1.5 s.
    const end = first === ':' && squareBrackets > 0 ? position + 1 : token.lastIndex;
    if (!' \t\n\r'.includes(first)) tokens += 1;
    if (tokens > maxTokens) {
      return overLimit(`The query has more than ${maxTokens} words and signs`, position);
    }
    if (first === '#') {
      const stray = /\r(?!$)/.exec(text.slice(position, end));
      if (stray) return unparsable('carriage return inside a comment', position + stray.index);
    } else if ('"\'`'.includes(first)) {
      const lone = loneSurrogate.exec(text.slice(position, end));
      if (lone) return unparsable('half a character in a string', position + lone.index);
    } else if ('([{'.includes(first)) {
      depth += 1;
      if (first === '[') squareBrackets += 1;
      if (depth > maxDepth) {
        return overLimit(`The query is nested deeper than ${maxDepth} brackets`, position);
      }
    } else if (')]}'.includes(first)) {
      depth -= 1;
      if (first === ']') squareBrackets -= 1;
    } else if (text[end] === '.' && nameStart.test(first) && end === token.lastIndex) {
      return unparsable('unexpected "." after a name', end);
    }
    if (!' \t\n\r#'.includes(first)) grammarText.add(text.slice(position, end), end);
    position = end;
  }
  return { ok: true, text: grammarText.finish() };
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function describe(text: string, position: number): string {
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  return '"\'`'.includes(character)
    ? 'string without an end, or with an unknown escape'
    : `unexpected character ${JSON.stringify(character)}`;
}
