import type { Grid } from '../../promql/grid.js';

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
