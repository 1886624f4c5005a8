import type { Grid } from '../../promql/grid.js';
import { eachInTurns } from '../../turns/pace.js';

/** A series on a grid, NaN where it has no value, and what it weighs among others. */
export interface WeightedColumn {
  readonly column: Float64Array;
  readonly weight: number;
}

type Kind = 'share' | 'amount';

/** Several columns as one: at each point the values there are, weighted or added up. */
export function joinColumns(
  columns: readonly WeightedColumn[],
  kind: Kind,
  { count }: Grid,
): Float64Array {
  const sums = new ColumnSums(kind, count);
  for (const one of columns) sums.add(one);
  return sums.joined();
}

/** The same of the many that a cluster has, with turns of the event loop in between; `null` where there is none. */
export async function clusterColumn(
  columns: readonly WeightedColumn[],
  kind: Kind,
  { count }: Grid,
): Promise<Float64Array | null> {
  if (columns.length === 0) return null;
  const sums = new ColumnSums(kind, count);
  await eachInTurns(columns, (one) => {
    sums.add(one);
  });
  return sums.joined();
}

class ColumnSums {
  readonly #kind: Kind;
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(kind: Kind, count: number) {
    this.#kind = kind;
    this.#sums = new Float64Array(count);
    this.#weights = new Float64Array(count);
  }

  add({ column, weight }: WeightedColumn): void {
    const own = this.#kind === 'share' ? weight : 1;
    for (let at = 0; at < this.#sums.length; at += 1) {
      const value = column[at] ?? NaN;
      if (Number.isNaN(value)) continue;
      this.#sums[at] = (this.#sums[at] ?? 0) + value * own;
      this.#weights[at] = (this.#weights[at] ?? 0) + own;
    }
  }

  joined(): Float64Array {
    return this.#sums.map((sum, at) => {
      const weight = this.#weights[at] ?? 0;
      if (weight <= 0) return NaN;
      return this.#kind === 'share' ? sum / weight : sum;
    });
  }
}
