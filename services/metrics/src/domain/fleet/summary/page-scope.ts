import { escapeRegex } from '@bud-monitoring/promql';
import { maxNamesLength } from '../../promql/expression-limit.js';
import { fleetScope, scopeOfClusters, type Scope, type ScopeSettings } from '../../promql/scope.js';

/** Most characters of a matcher of clusters: no expression of the fleet repeats it more often than this. */
const maxLength = maxNamesLength({ occurrences: 12, rest: 3_500 });

/**
 * The scopes of some of the clusters of a store, by their labels. They are told by the beginnings that no other
 * cluster shares, so that neighbours need few; where one expression cannot hold them, there are several scopes.
 */
export function scopesOf(
  settings: ScopeSettings,
  labels: readonly string[],
  all: readonly string[],
): Scope[] {
  if (labels.length === 0) return [];
  if (labels.length === all.length) return [fleetScope(settings)];
  return shardsOf(prefixesOf(labels, all).map(patternOf)).map((patterns) =>
    scopeOfClusters(settings, { label: 'cluster', op: '=~', value: patterns.join('|') }),
  );
}

const patternOf = (prefix: string) => `${escapeRegex(prefix)}.*`;

/** Patterns that together fit an expression each. */
function shardsOf(patterns: readonly string[]): string[][] {
  const shards: string[][] = [];
  let length = Infinity;
  for (const pattern of patterns) {
    length += pattern.length + 1;
    if (length > maxLength) {
      shards.push([]);
      length = pattern.length + 1;
    }
    shards.at(-1)?.push(pattern);
  }
  return shards;
}

/** The shortest beginnings of the labels that none of the others has. */
function prefixesOf(labels: readonly string[], all: readonly string[]): string[] {
  const own = new Set(labels);
  const others = all.filter((label) => !own.has(label)).sort();
  const prefixes = new Set<string>();
  let next = 0;
  for (const label of [...own].sort()) {
    while (next < others.length && (others[next] ?? '') < label) next += 1;
    // Of all others the neighbours share most.
    const shared = [next - 1, next].map((index) => sharedLength(label, others[index] ?? ''));
    prefixes.add(label.slice(0, Math.max(...shared) + 1));
  }
  return [...prefixes];
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}
