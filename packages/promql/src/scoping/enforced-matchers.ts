import type { LabelMatcher } from '../matchers.js';
import { escapeRegex } from '../strings.js';

/** What a caller may see: one cluster, or several of the fleet. */
export type Scope = (ClusterScope | FleetScope) & {
  /** The labels of the clusters that the store does not, or not only, write as they are named here. */
  readonly spellings?: ReadonlyMap<string, readonly string[]>;
};

/** The values of the `cluster` label that are a cluster's. */
export const labelsOf = ({ spellings }: Scope, cluster: string): readonly string[] =>
  spellings?.get(cluster) ?? [cluster];

export interface ClusterScope {
  /** The value of the `cluster` label; not empty. */
  readonly cluster: string;
  /** Only these namespaces; absent means all, an empty list none (and no series at all is seen). */
  readonly namespaces?: readonly string[];
}

export interface FleetScope {
  /** Values of the `cluster` label, each with its namespaces (absent: all); `all` sets no limit. */
  readonly clusters: 'all' | ReadonlyMap<string, readonly string[] | undefined>;
  /** Only these namespaces, where `clusters` is `all`; absent means all. */
  readonly namespaces?: readonly string[];
}

/**
 * The matchers that keep a selector within the scope, beside the caller's `own`. There is more than one set where
 * the clusters of a fleet have different namespaces: what may be seen is what any of the sets matches. A set
 * is empty where the scope has no limit.
 */
export type EnforcedMatchers = (
  own: readonly LabelMatcher[],
) => readonly (readonly LabelMatcher[])[];

/** Those of a whole scope, which may be a thousand clusters, are made once. */
const known = new WeakMap<Scope, ReturnType<EnforcedMatchers>>();

/** The matchers of a scope for any selector, whatever matchers it has. */
export function enforcedMatchers(scope: Scope): EnforcedMatchers {
  return (own) => {
    const named = 'clusters' in scope ? clustersNamed(own) : undefined;
    if (named !== undefined) return setsOf(scope, named);
    const whole = known.get(scope) ?? setsOf(scope);
    known.set(scope, whole);
    return whole;
  };
}

function setsOf(scope: Scope, named?: ReadonlySet<string>): ReturnType<EnforcedMatchers> {
  if (!('clusters' in scope)) {
    // cluster="" would match every series without the label.
    if (scope.cluster === '') throw new RangeError('A scope needs a cluster');
    return [withNamespaces(oneOf('cluster', labelsOf(scope, scope.cluster)), scope.namespaces)];
  }
  if (scope.clusters === 'all') return [withNamespaces([], scope.namespaces)];
  const sets = new Map<string, { ids: string[]; namespaces: readonly string[] | undefined }>();
  for (const [id, namespaces] of scope.clusters) {
    const labels = labelsOf(scope, id);
    if (named !== undefined && ![id, ...labels].some((label) => named.has(label))) continue;
    const key = namespaces === undefined ? '' : JSON.stringify([...namespaces].sort());
    const set = sets.get(key);
    if (set === undefined) sets.set(key, { ids: [...labels], namespaces });
    else set.ids.push(...labels);
  }
  if (sets.size === 0) return [nothing('cluster')];
  return [...sets.values()].map(({ ids, namespaces }) =>
    withNamespaces(oneOf('cluster', ids), namespaces),
  );
}

/**
 * The clusters that the caller's own matchers name one by one, as a dashboard does; undefined where they do
 * not. Ours stand beside them in any case: it only keeps a long list of clusters out of the query.
 */
function clustersNamed(own: readonly LabelMatcher[]): ReadonlySet<string> | undefined {
  for (const { label, op, value } of own) {
    if (label !== 'cluster') continue;
    if (op === '=') return new Set([value]);
    const names = op === '=~' ? namesIn(value) : undefined;
    if (names !== undefined) return new Set(names);
  }
  return undefined;
}

/** The names of a pattern that lists them: `a|b`, or as Grafana writes several values, `(a|b\.c)`. */
function namesIn(pattern: string): string[] | undefined {
  const [, list = pattern] = /^\(([^()]*)\)$/.exec(pattern) ?? [];
  const isList = /^(?:[\w|-]|\\[.-])+$/.test(list);
  return isList ? list.replaceAll('\\', '').split('|') : undefined;
}

function withNamespaces(
  matchers: readonly LabelMatcher[],
  namespaces: readonly string[] | undefined,
): readonly LabelMatcher[] {
  return namespaces === undefined ? matchers : [...matchers, ...oneOf('namespace', namespaces)];
}

function oneOf(label: string, values: readonly string[]): LabelMatcher[] {
  // An empty value names nothing: it would match series that lack the label.
  const names = [...new Set(values)].filter((value) => value !== '').sort();
  const [only] = names;
  if (only === undefined) return nothing(label);
  if (names.length === 1) return [equal(label, only)];
  return [{ label, op: '=~', value: names.map(escapeRegex).join('|') }];
}

const equal = (label: string, value: string): LabelMatcher => ({ label, op: '=', value });

/** No series has a label both empty and not empty. */
const nothing = (label: string): LabelMatcher[] => [
  equal(label, ''),
  { label, op: '!=', value: '' },
];
