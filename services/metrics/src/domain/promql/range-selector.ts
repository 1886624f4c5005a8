/**
 * The range of a range vector selector, as in `[299999ms]`, that leaves out a sample exactly at its left
 * end: Prometheus 2 would count it, 3 does not, and one millisecond less makes both the same.
 */
export function leftOpenRange(ms: number): string {
  return `[${ms - 1}ms]`;
}
