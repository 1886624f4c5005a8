/**
 * Functions the grammar does not know, each parsed as one of equal length that it knows. The tree is used for
 * positions only; names are read from the caller's text.
 */
const substitutes: Readonly<Record<string, string>> = {
  holt_winters: 'day_of_month',
  integral: 'increase',
  max_of: 'absent',
  min_of: 'absent',
};

/** What a duration may be computed from; keywords, so in any case of letters. */
const durationFunctions = new Set(['step', 'range', 'max_of', 'min_of']);
const operators = new Set(['and', 'or', 'unless', 'atan2']);
/** After these, and after a sign or an opening bracket, an operand follows. */
const wordOperators = new Set([...operators, 'bool']);

/** Collects, token by token, how a text must be written for the grammar to read it as Prometheus does. */
export interface GrammarText {
  /** The next token that is neither a blank nor a comment, and where it ends. */
  add(token: string, end: number): void;
  /** The text for the grammar: as long as the caller's, so that positions are the same. */
  finish(): string;
}

/**
 * The grammar is narrower than Prometheus' own parser: it knows no `2.` and no `0X1F`, takes `offset` for the
 * modifier wherever it stands, and function names of durations only in small letters.
 */
export function createGrammarText(text: string): GrammarText {
  const edits: { readonly end: number; readonly by: string }[] = [];
  /** For every open bracket, whether it holds a duration. */
  const open: boolean[] = [];
  let before = '';
  let isOffset = false;

  const isCallAt = (end: number) => /^\s*\(/.test(text.slice(end, end + 64));

  function name(token: string, end: number): void {
    const word = token.toLowerCase();
    const inDuration = isOffset || open.at(-1) === true;
    if (word === 'offset') {
      if (isOperandAfter(before)) edits.push({ end, by: 'offse_' });
      else isOffset = true;
    } else if (durationFunctions.has(word) && isCallAt(end)) {
      edits.push({ end, by: inDuration ? word : (substitutes[word] ?? word) });
    } else {
      isOffset = false;
      const by = substitutes[token];
      if (by !== undefined && isCallAt(end)) edits.push({ end, by });
      // No word of the grammar has that letter: `group:left` is a name.
      else if (token.includes(':')) edits.push({ end, by: token.replaceAll(':', 'z') });
    }
  }

  return {
    add(token, end) {
      const first = token.charAt(0);
      if ('([{'.includes(first)) {
        open.push(first === '[' || isOffset || open.at(-1) === true);
        isOffset = false;
      } else if (')]}'.includes(first)) {
        open.pop();
      } else if (/[A-Za-z_:]/.test(first) && token !== ':') {
        name(token, end);
      } else if (!'+-'.includes(first)) {
        isOffset = false;
        const by = /[\d.]/.test(first) ? plainNumber(token) : undefined;
        if (by !== undefined) edits.push({ end, by });
      }
      // Where an operand follows, `unless` is one: a metric of that name.
      before = operators.has(token.toLowerCase()) && isOperandAfter(before) ? 'x' : token;
    },
    finish() {
      let written = '';
      let copied = 0;
      for (const { end, by } of edits) {
        written += text.slice(copied, end - by.length) + by;
        copied = end;
      }
      return copied === 0 ? text : written + text.slice(copied);
    },
  };
}

const isOperandAfter = (token: string): boolean =>
  token === '' || /^[[(,+*/%^=!<>~@-]$/.test(token) || wordOperators.has(token.toLowerCase());

/** A number as the grammar knows it and as long; undefined where it knows this one, or it is none. */
function plainNumber(token: string): string | undefined {
  // A sign of an exponent is a token of its own: 1.e-3 comes as 1.e
  if (/^\d[\d_]*\.(?:[eE][\d_]*)?$/.test(token)) return `0${token.replace('.', '')}`;
  const isHex = /^0[xX]_?[\da-fA-F]+(?:_[\da-fA-F]+)*$/.test(token);
  return isHex ? '1'.padStart(token.length, '0') : undefined;
}
