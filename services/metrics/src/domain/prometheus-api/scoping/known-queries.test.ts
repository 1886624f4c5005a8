import { describe, expect, it } from '@jest/globals';
import { createReach } from './reach.js';
import { createScopeText } from './known-queries.js';

const limits = { maxQueryLength: 1000 };
const scopedBy = (text: string, ...reach: Parameters<typeof createReach>) =>
  createScopeText(limits)(text, createReach(...reach));

describe('texts that are known', () => {
  it('are not scoped again', () => {
    const scopeText = createScopeText(limits);
    const reach = createReach({ cluster: 'me' });
    const first = scopeText('up', reach);
    expect(first).toMatchObject({ ok: true, query: 'up{cluster="me"}' });
    expect(scopeText('up', createReach({ cluster: 'me' }))).toBe(first);
  });

  it('are others for others', () => {
    const scopeText = createScopeText(limits);
    const scopes = [
      { cluster: 'me' },
      { cluster: 'you' },
      { cluster: 'me', namespaces: [] },
      { cluster: 'me', namespaces: ['a'] },
      { cluster: 'me', namespaces: ['a', 'b'] },
      { clusters: 'all' as const },
      { clusters: 'all' as const, namespaces: ['a'] },
      { clusters: new Map([['me', undefined]]) },
      { clusters: new Map([['me', ['a']]]) },
    ];
    for (const round of [1, 2])
      for (const scope of scopes)
        expect([round, scopeText('up', createReach(scope))]).toEqual([
          round,
          scopedBy('up', scope),
        ]);
  });

  it('are scoped again once the store writes clusters in another way', () => {
    const scopeText = createScopeText(limits);
    const { scope, scopeKey } = createReach({ cluster: 'me' });
    const spellings = new Map([['me', ['me', 'ME']]]);
    expect(scopeText('up', { scope, scopeKey })).toMatchObject({ query: 'up{cluster="me"}' });
    const both = { query: 'up{cluster=~"ME|me"}' };
    expect(scopeText('up', { scope: { ...scope, spellings }, scopeKey })).toMatchObject(both);
    expect(scopeText('up', { scope, scopeKey })).toMatchObject({ query: 'up{cluster="me"}' });
  });

  it('are refused as before', () => {
    const scopeText = createScopeText(limits);
    const reach = createReach({ cluster: 'me' });
    for (const text of ['up{cluster="you"}', 'up{', 'x'.repeat(1001)]) {
      const first = scopeText(text, reach);
      expect(first.ok).toBe(false);
      expect(scopeText(text, reach)).toEqual(first);
    }
  });
});
