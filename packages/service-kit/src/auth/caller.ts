import type { Permission } from '@bud-monitoring/contracts';

/** Who is calling and what it may see. Sets hold lower-case cluster ids and namespace names. */
export interface Caller {
  /** The token's `sub`, the calling app's id, or `anonymous`. */
  readonly subject: string;
  readonly kind: 'user' | 'app' | 'anonymous-off';
  /** `cluster:manage` always comes with `cluster:view`. */
  readonly permissions: ReadonlySet<Permission>;
  readonly clusters: 'all' | ReadonlySet<string>;
  /** Namespaces of all clusters but those of `clusterNamespaces`. */
  readonly namespaces: 'all' | ReadonlySet<string>;
  /** When the token ends, ms; null for a caller without one. */
  readonly expiresAt: number | null;
  /** Clusters that have namespaces of their own. */
  readonly clusterNamespaces: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The namespaces that the caller may see of a cluster (lower-case id). */
export function namespacesOf(caller: Caller, clusterId: string): 'all' | ReadonlySet<string> {
  return caller.clusterNamespaces.get(clusterId) ?? caller.namespaces;
}

/** Whether the token keeps any namespace of a cluster from the caller; of any cluster for `*`. */
export function lacksNamespaces(caller: Caller, clusterId: string): boolean {
  if (clusterId !== '*') return namespacesOf(caller, clusterId) !== 'all';
  return caller.namespaces !== 'all' || caller.clusterNamespaces.size > 0;
}

/** Whether the caller's token reaches this cluster (lower-case id); says nothing of permissions. */
export function maySeeCluster(caller: Caller, clusterId: string): boolean {
  return caller.clusters === 'all' || caller.clusters.has(clusterId);
}
