export const day = 86_400;

/** A range of time, Unix seconds. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}
