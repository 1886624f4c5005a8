import type { Grid } from '../../promql/grid.js';

/** Sum of columns; NaN wherever one of them has no value. */
export function addColumns(columns: readonly Float64Array[]): Float64Array | null {
  const [first, ...others] = columns;
  if (first === undefined) return null;
  const sum = Float64Array.from(first);
  for (const column of others)
    column.forEach((value, index) => (sum[index] = (sum[index] ?? NaN) + value));
  return sum;
}

/** The cluster at each point: the values there are, weighted or added up. */
export function clusterColumn(
  columns: readonly { readonly column: Float64Array; readonly weight: number }[],
  kind: 'share' | 'amount',
  { count }: Grid,
): Float64Array {
  const cluster = new Float64Array(count).fill(NaN);
  for (let index = 0; index < count; index++) {
    let sum = 0;
    let weights = 0;
    for (const { column, weight } of columns) {
      const value = column[index] ?? NaN;
      if (Number.isNaN(value)) continue;
      sum += kind === 'share' ? value * weight : value;
      weights += kind === 'share' ? weight : 1;
    }
    if (weights > 0) cluster[index] = kind === 'share' ? sum / weights : sum;
  }
  return cluster;
}
