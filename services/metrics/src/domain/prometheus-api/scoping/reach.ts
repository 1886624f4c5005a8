import type { ClusterId } from '@bud-monitoring/contracts';
import type { Scope } from '@bud-monitoring/promql';

/** What a caller may see of a cluster: all of it, or some namespaces. */
export interface Reach {
  readonly cluster: ClusterId;
  readonly namespaces?: readonly string[];
}

/** The scope that is enforced on a caller's queries. */
export function scopeOf({ cluster, namespaces }: Reach): Scope {
  return namespaces === undefined ? { cluster } : { cluster, namespaces };
}

/** Keeps responses to callers of different reach apart in caches; holds no blank. */
export function scopeKeyOf({ cluster, namespaces }: Scope): string {
  if (namespaces === undefined) return cluster;
  return `${cluster}:${[...namespaces].sort().map(encodeURIComponent).join(',')}`;
}
