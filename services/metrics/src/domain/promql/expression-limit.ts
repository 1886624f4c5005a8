import type { ClusterId } from '@bud-monitoring/contracts';

/** Longest expression that every store accepts, in characters: VictoriaMetrics takes 16 kB. */
export const maxExpressionLength = 16_384;

/** Characters of a cluster id in two spellings, each with the `|` that separates it from the next. */
const clusterIdLength = 74;

/** How often an expression repeats a list of names, and the characters of everything else in it. */
export interface ListedNames {
  readonly occurrences: number;
  readonly rest: number;
}

/** Most characters that a list of names may have so that its expression stays below the limit. */
export function maxNamesLength({ occurrences, rest }: ListedNames): number {
  return Math.floor((maxExpressionLength - rest) / occurrences);
}

/** Most clusters that an expression may name. */
function maxClusterIds(names: ListedNames): number {
  return Math.floor(maxNamesLength(names) / clusterIdLength);
}

/** These clusters, or undefined (all clusters) where they are too many to name. */
export function clustersToName(
  clusters: readonly ClusterId[],
  names: ListedNames,
): readonly ClusterId[] | undefined {
  return clusters.length > maxClusterIds(names) ? undefined : clusters;
}
