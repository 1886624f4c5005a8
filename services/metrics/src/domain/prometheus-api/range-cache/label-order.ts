type Labels = Readonly<Record<string, string>>;

/** Labels by name and value, in the order of their names. */
export const sortedLabels = (labels: Labels): [string, string][] =>
  Object.entries(labels).sort(([a], [b]) => compareText(a, b));

/** Prometheus sorts series by their labels' names and values, byte by byte. */
export function compareLabels(
  a: readonly [string, string][],
  b: readonly [string, string][],
): number {
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareText(name, other[0]) || compareText(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** In the order of UTF-8 bytes, which differs from JavaScript's beyond the first plane. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (/[\ud800-\uffff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}
