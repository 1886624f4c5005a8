import type { Refusal } from '@bud-monitoring/promql';

/** A query or selector that is not sent upstream, and why; the position is in the caller's own text. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** The parameter that held it. */
  readonly field: 'query' | 'match[]';
  readonly text: string;
  readonly refusal: Refusal;

  constructor(field: Refused['field'], text: string, refusal: Refusal) {
    super(`${refusal.reason} (at position ${refusal.position})`);
    this.field = field;
    this.text = text;
    this.refusal = refusal;
  }
}
