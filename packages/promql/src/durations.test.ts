import { describe, expect, it } from '@jest/globals';
import { scopeQuery } from './scoping/scope.js';

const scope = { cluster: 'me' };

describe('durations', () => {
  it.each([
    'rate(up[5m])',
    'up[1h30m]',
    'up[300]',
    'up[1.5]',
    'up offset -1w',
    'up offset 90d',
    'max_over_time(up[1h:30s])',
    'up[5m+1h]',
    'up[100y]',
  ])('are taken as they are in %s', (query) => {
    expect(scopeQuery(query, scope)).toMatchObject({ ok: true });
  });

  it.each([
    ['up[0x1F]', 3],
    ['up offset 0x1F', 10],
    ['up offset -0x1F', 11],
    ['max_over_time(up[1h:0x1F])', 20],
    ['up[99999999999999999999]', 3],
    ['up offset 99999999999999999999', 10],
    ['max_over_time(up[99999999999999999999:1m])', 17],
    ['up[999y]', 3],
    ['up[1e300]', 3],
    ['up[1m+0x1F]', 6],
  ])('out of reason are refused before a store sees them: %s', (query, position) => {
    expect(scopeQuery(query, scope)).toMatchObject({ ok: false, status: 422, position });
  });
});
