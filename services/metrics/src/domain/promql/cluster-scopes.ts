import { escapeRegex } from '@bud-monitoring/promql';
import { maxNamesLength, type ListedNames } from './expression-limit.js';
import { fleetScope, scopeOfClusters, type Scope, type ScopeSettings } from './scope.js';

/** No expression of the fleet repeats the matcher of its clusters more often than this. */
const longest: ListedNames = { occurrences: 12, rest: 3_500 };

/**
 * The scopes of some of the clusters of a store, by their labels. They are told by the beginnings that no other
 * cluster shares, so that neighbours need few; where one expression cannot hold them, there are several scopes.
 */
export function scopesOf(
  settings: ScopeSettings,
  labels: readonly string[],
  all: readonly string[],
  names: ListedNames = longest,
): Scope[] {
  if (labels.length === 0) return [];
  if (labels.length === all.length) return [fleetScope(settings)];
  return matchersOf(prefixesOf(labels, all), maxNamesLength(names)).map((value) =>
    scopeOfClusters(settings, { label: 'cluster', op: '=~', value }),
  );
}

/** Regular expressions of prefixes, of at most so many characters each; what all share is written once. */
function matchersOf(prefixes: readonly string[], maxLength: number): string[] {
  const shared = prefixes.reduce((all, one) => all.slice(0, sharedLength(all, one)));
  const common = escapeRegex(shared);
  const lists: string[][] = [];
  let length = Infinity;
  for (const rest of prefixes.map((prefix) => escapeRegex(prefix.slice(shared.length)))) {
    length += rest.length + 1;
    if (length > maxLength) {
      lists.push([]);
      length = `${common}(?:).*`.length + rest.length;
    }
    lists.at(-1)?.push(rest);
  }
  return lists.map((rests) =>
    rests.length === 1 ? `${common}${rests[0] ?? ''}.*` : `${common}(?:${rests.join('|')}).*`,
  );
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
