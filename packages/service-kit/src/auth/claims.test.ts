import { describe, expect, it } from '@jest/globals';
import { namespacesOf } from './caller.js';
import { callerFromClaims } from './claims.js';

const subject = { sub: 'user-1' };

describe('permissions', () => {
  it.each([
    ['permissions', { permissions: ['cluster:view', 'other'] }, ['cluster:view']],
    ['scope', { scope: 'openid cluster:view email' }, ['cluster:view']],
    ['realm roles', { realm_access: { roles: ['cluster:view'] } }, ['cluster:view']],
    [
      "our client's roles",
      { resource_access: { 'bud-client': { roles: ['cluster:manage'] } } },
      ['cluster:manage', 'cluster:view'],
    ],
    [
      'an RPT',
      {
        authorization: {
          permissions: [
            { rsname: 'module_model', scopes: ['manage'] },
            { rsname: 'module_cluster', scopes: ['view'] },
          ],
        },
      },
      ['cluster:view'],
    ],
    [
      'several places at once',
      { scope: 'cluster:view', realm_access: { roles: ['cluster:manage'] } },
      ['cluster:manage', 'cluster:view'],
    ],
    [
      "another client's roles, which do not count",
      { resource_access: { account: { roles: ['cluster:manage'] } } },
      [],
    ],
    [
      "another resource's scopes, which do not count",
      {
        authorization: { permissions: [{ rsname: 'module_model', scopes: ['view', 'manage'] }] },
      },
      [],
    ],
    [
      'a permission without scopes, which does not count',
      {
        authorization: { permissions: [{ rsname: 'module_cluster' }] },
      },
      [],
    ],
    [
      'places of a wrong type, which do not count',
      {
        permissions: 'cluster:manage',
        scope: ['cluster:manage'],
        realm_access: ['cluster:manage'],
        resource_access: 'cluster:manage',
        authorization: { permissions: 'cluster:manage' },
      },
      [],
    ],
    ['nowhere', {}, []],
  ])('come from %s', (_place, claims, permissions) => {
    const caller = callerFromClaims({ ...subject, ...claims }, 'bud-client');

    expect([...caller.permissions].sort()).toEqual(permissions);
  });

  it("come from no client's roles where no client is configured", () => {
    const claims = { resource_access: { 'bud-client': { roles: ['cluster:view'] } } };

    const caller = callerFromClaims({ ...subject, ...claims }, undefined);

    expect(caller.permissions.size).toBe(0);
  });
});

const id = (end: number) => `abcdef00-0000-0000-0000-00000000000${end}`;

describe('limits', () => {
  it.each([
    ['all clusters without the claim', {}, 'all', 'all'],
    ['none for an empty list', { clusters: [], namespaces: [] }, new Set(), new Set()],
    [
      'those listed, ids in lower case',
      { clusters: ['ABCDEF00-0000-0000-0000-000000000001'], namespaces: ['Team-A'] },
      new Set(['abcdef00-0000-0000-0000-000000000001']),
      new Set(['Team-A']),
    ],
  ])('are %s', (_what, claims, clusters, namespaces) => {
    const caller = callerFromClaims({ ...subject, ...claims }, 'bud-client');

    expect(caller).toMatchObject({ clusters, namespaces });
  });

  it('may be namespaces for each cluster, and then are those clusters', () => {
    const [one, two] = [id(1), id(2)];
    const cluster_namespaces = { [one.toUpperCase()]: ['a'], [two]: [] };
    const caller = callerFromClaims({ ...subject, cluster_namespaces }, undefined);
    expect(caller.clusters).toEqual(new Set([one, two]));
    expect(namespacesOf(caller, one)).toEqual(new Set(['a']));
    expect(namespacesOf({ ...caller, clusters: 'all' }, id(3))).toBe('all');
  });

  it.each([['a'], [{ abc: 'a' }], [{ abc: [1] }], [['abc']], [null]])(
    'of another type are refused: %j',
    (value) => {
      const claims = { ...subject, cluster_namespaces: value };
      expect(() => callerFromClaims(claims, undefined)).toThrow('cluster_namespaces');
    },
  );
});
