import fc from 'fast-check';

/** Where in a query a selector stands, or how it is written: what a careless scoper may forget. */
export type Kind =
  | 'bare'
  | 'empty braces'
  | 'with matchers'
  | 'quoted name'
  | 'range'
  | 'subquery'
  | 'right operand'
  | 'aggregated'
  | 'aggregation parameter'
  | 'later argument'
  | 'offset or @';

/** A selector, with the place where matchers belong known from the start. */
export interface Selector {
  /** `temp`, or nothing. */
  readonly name: string;
  /** Between the name and the brace; undefined where there are no braces. */
  readonly gap?: string;
  /** From the brace to the end of the last matcher. */
  readonly before: string;
  /** From there to the closing brace: a trailing comma, space, comments. */
  readonly after: string;
  readonly kinds: readonly Kind[];
}

/** A query in pieces. */
export type Text = readonly (string | Selector)[];

export type Texts = fc.Arbitrary<Text>;

/** Template of a query: texts, strings, or arbitrary strings stand in it. */
export function query(
  strings: TemplateStringsArray,
  ...parts: readonly (Texts | fc.Arbitrary<string> | string)[]
): Texts {
  const arbitraries = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part));
  return fc.tuple(...arbitraries).map((values) =>
    strings.flatMap((string, index) => {
      const value = values[index];
      return [string, ...(value === undefined ? [] : typeof value === 'string' ? [value] : value)];
    }),
  );
}

/** Marks every selector in a text with where it stands. */
export function within(kind: Kind, texts: Texts): Texts {
  return texts.map((text) =>
    text.map((piece) =>
      typeof piece === 'string' ? piece : { ...piece, kinds: [...piece.kinds, kind] },
    ),
  );
}

/**
 * Writes a query, with matchers put on each selector: the oracle for what scoping must give. `forget` leaves
 * one kind of selector as it is.
 */
export function write(text: Text, matchers = '', forget?: Kind): string {
  return text
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const { name, gap, before, after, kinds } = piece;
      const added = forget !== undefined && kinds.includes(forget) ? '' : matchers;
      if (gap === undefined) return added === '' ? name : `${name}{${added}}`;
      const comma = before.trim() !== '' && added !== '' ? ',' : '';
      return before.trim() === ''
        ? `${name}${gap}{${added}${before}${after}}`
        : `${name}${gap}{${before}${comma}${added}${after}}`;
    })
    .join('');
}
