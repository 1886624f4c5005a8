import { round } from '../../units.js';
import type { NodeMetric } from '../../metrics/types.js';

/**
 * Mean of items that have a value and a weight; `null` where the weights are zero. A month of a thousand
 * nodes has many items: nothing is allocated for each.
 */
export function weightedMean<T>(
  items: readonly T[],
  valueOf: (item: T) => number,
  weightOf: (item: T) => number,
): number | null {
  let sum = 0;
  let weights = 0;
  for (const item of items) {
    const weight = weightOf(item);
    sum += valueOf(item) * weight;
    weights += weight;
  }
  return weights > 0 ? sum / weights : null;
}

/** Mean of values of equal weight; `null` where there is none. */
export function plainMean(values: readonly number[]): number | null {
  return weightedMean(
    values,
    (value) => value,
    () => 1,
  );
}

/**
 * Change since the window before: percentage points for shares, percent for amounts; `null` where there was
 * nothing before, or no more than rounds to zero in the answer.
 */
export function changeOf(
  kind: NodeMetric['kind'],
  now: number | null,
  before: number | null,
): number | null {
  if (now === null || before === null) return null;
  if (kind === 'share') return now - before;
  return round(before) === 0 ? null : (100 * (now - before)) / before;
}
