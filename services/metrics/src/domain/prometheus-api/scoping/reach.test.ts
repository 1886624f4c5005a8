import { describe, expect, it } from '@jest/globals';
import { createReach } from './reach.js';

describe('the key of a scope', () => {
  it('is its own, whatever clusters and namespaces are called', () => {
    const { scopeKey } = createReach({ clusters: new Map([['a', undefined]]) });
    const [, digest = ''] = scopeKey.split(':');
    const names = ['fleet', 'store', 'clusters', 'cluster', 'a', 'a.b', digest];
    const limits = [undefined, [], ['a'], ['a', 'b'], ['a,b'], ['a b'], [digest]];
    const scopes = limits.flatMap((namespaces) => {
      const limited = namespaces && { namespaces };
      return [
        ...names.map((cluster) => ({ cluster, ...limited })),
        { clusters: 'all' as const, ...limited },
        ...names.map((cluster) => ({ clusters: new Map([[cluster, namespaces]]) })),
        { clusters: new Map(names.map((cluster) => [cluster, namespaces])) },
      ];
    });
    const keys = scopes.map((scope) => createReach(scope).scopeKey);
    expect(new Set(keys).size).toBe(scopes.length);
    expect(keys.filter((key) => key.includes(' ') || key === 'store')).toEqual([]);
  });
});
