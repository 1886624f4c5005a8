/** The median, of two in the middle the lower one: of few values the other may be the odd one. `null` for none. */
export function lowerMedian(values: readonly number[]): number | null {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? null;
}
