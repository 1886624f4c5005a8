import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { scopeQuery } from './index.js';

interface Attack {
  readonly attack: string;
  readonly query: string;
  readonly scoped?: string;
  readonly kind?: string;
  readonly position?: number;
}

const attacks = JSON.parse(
  readFileSync(new URL('testdata/attacks.json', import.meta.url), 'utf8'),
) as Attack[];

describe('the attack corpus', () => {
  it.each(attacks)('$attack: $query', ({ query, scoped, kind, position }) => {
    const result = scopeQuery(query, { cluster: 'me' });

    expect(result).toMatchObject(
      scoped === undefined
        ? { ok: false, kind, ...(position !== undefined && { position }) }
        : { ok: true, query: scoped },
    );
  });

  it('refuses a query of a megabyte before it reads it', () => {
    const result = scopeQuery('up or '.repeat(200_000) + 'up', { cluster: 'me' });

    expect(result).toMatchObject({ ok: false, kind: 'limit', status: 422, position: 32_768 });
  });

  it.each([
    ['nesting', 'sum('.repeat(101) + 'up' + ')'.repeat(101), /nested deeper/],
    ['words and signs', 'up+'.repeat(1_300) + 'up', /words and signs/],
  ])('refuses too much %s', (_what, query, reason) => {
    const result = scopeQuery(query, { cluster: 'me' });

    expect(result).toMatchObject({
      ok: false,
      kind: 'limit',
      reason: expect.stringMatching(reason),
    });
  });

  it('reads a long string in a short query', () => {
    const pods = Array.from({ length: 600 }, (_, i) => `pod-${i}-7f9c6d5b4-abcde`).join('|');

    const result = scopeQuery(`sum(rate(x_total{pod=~"${pods}"}[5m]))`, { cluster: 'me' });

    expect(result).toMatchObject({ ok: true, selectors: 1 });
  });
});
