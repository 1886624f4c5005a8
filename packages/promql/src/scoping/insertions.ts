/** Something put into a caller's text. */
export interface Insertion {
  /** Offset in the caller's text, in UTF-16 units from 0. */
  readonly at: number;
  readonly text: string;
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
