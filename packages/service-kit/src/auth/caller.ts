import type { Permission } from '@bud-monitoring/contracts';

/** Who is calling and what it may see. Sets hold lower-case cluster ids and namespace names. */
export interface Caller {
  /** The token's `sub`, the calling app's id, or `anonymous`. */
  readonly subject: string;
  readonly kind: 'user' | 'app' | 'anonymous-off';
  /** `cluster:manage` always comes with `cluster:view`. */
  readonly permissions: ReadonlySet<Permission>;
  readonly clusters: 'all' | ReadonlySet<string>;
  readonly namespaces: 'all' | ReadonlySet<string>;
}

/** Whether the caller's token reaches this cluster (lower-case id); says nothing of permissions. */
export function maySeeCluster(caller: Caller, clusterId: string): boolean {
  return caller.clusters === 'all' || caller.clusters.has(clusterId);
}
