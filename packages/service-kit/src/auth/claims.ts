import type { JWTPayload } from 'jose';
import { clusterIdSchema, permissionSchema, type Permission } from '@bud-monitoring/contracts';
import { invalidToken } from './invalid-token.js';
import type { Caller } from './caller.js';

/** Resource that stands for clusters in an RPT's `authorization.permissions`. */
const clusterResource = 'module_cluster';

/**
 * The caller a verified token describes. Throws 401 for a token without `sub` and for `clusters`, `namespaces`
 * or `cluster_namespaces` of another type: guessing could grant what was to be denied. A token that names
 * namespaces of clusters and no `clusters` is for those clusters.
 */
export function callerFromClaims(claims: JWTPayload, clientId: string | undefined): Caller {
  if (typeof claims.sub !== 'string' || claims.sub === '') throw invalidToken('"sub" is empty');
  const clusterNamespaces = clusterNamespacesOf(claims['cluster_namespaces']);
  const named = limitOf(claims, 'clusters');
  const clusters = named === 'all' && clusterNamespaces ? clusterNamespaces.keys() : named;
  return {
    subject: claims.sub,
    kind: 'user',
    permissions: withView(permissionsOf(claims, clientId)),
    clusters: clusters === 'all' ? 'all' : new Set([...clusters].map(canonicalId)),
    namespaces: limitOf(claims, 'namespaces'),
    clusterNamespaces: clusterNamespaces ?? new Map(),
    expiresAt: claims.exp === undefined ? null : claims.exp * 1000,
  };
}

/** As routes read it; what is no id names no cluster. */
function canonicalId(text: string): string {
  return clusterIdSchema.safeParse(text).data ?? text;
}

/** The permissions from all five claims; a claim of an unexpected type grants nothing. */
function permissionsOf(claims: JWTPayload, clientId: string | undefined): Set<Permission> {
  const scope = claims['scope'];
  const client = clientId === undefined ? undefined : own(claims['resource_access'], clientId);
  const named = [
    ...texts(claims['permissions']),
    ...(typeof scope === 'string' ? scope.split(' ') : []),
    ...texts(own(claims['realm_access'], 'roles')),
    ...texts(own(client, 'roles')),
    ...grants(own(claims['authorization'], 'permissions')),
  ];
  return new Set(named.filter((name) => permissionSchema.safeParse(name).success) as Permission[]);
}

/** Scopes `view` and `manage` of the cluster resource, as permission names. */
function grants(permissions: unknown): string[] {
  if (!Array.isArray(permissions)) return [];
  return permissions
    .filter((permission) => own(permission, 'rsname') === clusterResource)
    .flatMap((permission) => texts(own(permission, 'scopes')))
    .map((scope) => `cluster:${scope}`);
}

function withView(permissions: Set<Permission>): Set<Permission> {
  if (permissions.has('cluster:manage')) permissions.add('cluster:view');
  return permissions;
}

function limitOf(claims: JWTPayload, claim: 'clusters' | 'namespaces'): 'all' | Set<string> {
  const value = claims[claim];
  return value === undefined ? 'all' : textsOf(claim, value);
}

/** `cluster_namespaces: {<id>: [<name>, …]}` */
function clusterNamespacesOf(value: unknown): Map<string, Set<string>> | undefined {
  const claim = 'cluster_namespaces';
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidToken(`"${claim}" is no object`);
  }
  return new Map(
    Object.entries(value).map(([id, names]) => [canonicalId(id), textsOf(claim, names)]),
  );
}

function textsOf(claim: string, value: unknown): Set<string> {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw invalidToken(`"${claim}" is no list of texts`);
  }
  return new Set(value);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** An own property of an untrusted object. */
function own(value: unknown, field: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field)) return undefined;
  return (value as Record<string, unknown>)[field];
}
