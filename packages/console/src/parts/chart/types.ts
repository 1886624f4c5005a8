/** One point of a series: Unix seconds, and null where nothing was measured. */
export interface Point {
  readonly at: number;
  readonly value: number | null;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}
