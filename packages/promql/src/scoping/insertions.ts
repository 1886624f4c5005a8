/** Something put into a caller's text. */
export interface Insertion {
  /** Offset in the caller's text, in UTF-16 units from 0. */
  readonly at: number;
  readonly text: string;
  /** Where the same stands in the caller's text, of what is repeated. */
  readonly copyOf?: number;
}

/** The text with everything put in; the insertions in the order of the text. */
export function insert(text: string, insertions: readonly Insertion[]): string {
  let written = '';
  let copied = 0;
  for (const { at, text: inserted } of insertions) {
    written += text.slice(copied, at) + inserted;
    copied = at;
  }
  return written + text.slice(copied);
}

/** A part of the text, with insertions of its own, once more at its end. */
export function repeat(
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
  insertions: readonly Insertion[],
): Insertion[] {
  const bounds = [from, ...insertions.map(({ at }) => at), to];
  return bounds.slice(1).flatMap((end, index) => {
    const copyOf = bounds[index] ?? from;
    const inserted = insertions[index];
    return [
      { at: to, text: text.slice(copyOf, end), copyOf },
      ...(inserted ? [{ at: to, text: inserted.text }] : []),
    ];
  });
}
