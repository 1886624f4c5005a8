const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** The value of a PromQL string literal that has passed the lexical check, whatever its quotes. */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1);
  if (literal.startsWith('`') || !body.includes('\\')) return body;
  // \x and octal escapes are bytes, not characters: "\xc3\xa9" is one é.
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const part of body.match(/\\(?:[0-7]{3}|x..|u.{4}|U.{8}|.)|[^\\]+/gs) ?? []) {
    if (!part.startsWith('\\')) bytes.push(...encoder.encode(part));
    else if (/^\\[0-7]/.test(part)) bytes.push(parseInt(part.slice(1), 8) & 0xff);
    else if (part.startsWith('\\x')) bytes.push(parseInt(part.slice(2), 16));
    else if (/^\\u/i.test(part)) bytes.push(...encoder.encode(character(part.slice(2))));
    else bytes.push(...encoder.encode(simpleEscapes[part.charAt(1)] ?? part.slice(1)));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** A code point beyond Unicode becomes U+FFFD; the store refuses such a literal. */
function character(hex: string): string {
  const code = parseInt(hex, 16);
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}

/** Writes a label value, or a quoted name, as a PromQL string literal: `a"b` becomes `"a\"b"`. */
export function quoteLabelValue(value: string): string {
  return JSON.stringify(value);
}

/** Escapes what a PromQL regular expression (RE2) would not take literally. */
export function escapeRegex(value: string): string {
  return value.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
