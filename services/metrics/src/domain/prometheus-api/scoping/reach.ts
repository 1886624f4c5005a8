import { createHash } from 'node:crypto';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Scope } from '@bud-monitoring/promql';
import { clusterIdOf } from '../../promql/cluster-label.js';

/** What a caller may see: of one cluster, or of the fleet. */
export interface Reach {
  readonly scope: Scope;
  /** Keeps responses to callers of different reach apart in caches, and callers in queues; holds no blank. */
  readonly scopeKey: string;
  /** The cluster of the path, which must exist; undefined for the fleet. */
  readonly cluster: ClusterId | undefined;
}

/** The reach of a request, with the key of its scope. */
export function createReach(scope: Scope, cluster?: ClusterId): Reach {
  return { scope, scopeKey: scopeKeyOf(scope), cluster };
}

/** What begins them keeps a cluster that is called `fleet` apart from the fleet. */
function scopeKeyOf(scope: Scope): string {
  if (!('clusters' in scope)) return `cluster:${scope.cluster}${suffixOf(scope.namespaces)}`;
  if (scope.clusters === 'all') return `fleet${suffixOf(scope.namespaces)}`;
  // A token may name a thousand clusters.
  const hash = createHash('sha256');
  for (const [id, namespaces] of [...scope.clusters].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([id, namespaces && [...namespaces].sort()]));
  }
  return `clusters:${hash.digest('base64url')}`;
}

const suffixOf = (namespaces: readonly string[] | undefined): string =>
  namespaces === undefined ? '' : `:${[...namespaces].sort().map(encodeURIComponent).join(',')}`;

/** Whether labels lie within the scope; those without a cluster lie only within one that has no limit. */
export function isWithin(labels: Readonly<Record<string, string>>, scope: Scope): boolean {
  const { cluster: label = '', namespace = '' } = labels;
  const cluster = clusterIdOf(label) ?? label;
  if (!('clusters' in scope)) {
    return cluster === scope.cluster && isOneOf(scope.namespaces, namespace);
  }
  if (scope.clusters === 'all') return isOneOf(scope.namespaces, namespace);
  return scope.clusters.has(cluster) && isOneOf(scope.clusters.get(cluster), namespace);
}

const isOneOf = (names: readonly string[] | undefined, name: string): boolean =>
  names === undefined || names.includes(name);
