import { describe, expect, it } from '@jest/globals';
import { scopeQuery } from '../index.js';

describe('a text that Prometheus reads and the grammar does not', () => {
  it.each([
    '2.',
    '1./6.',
    '1.e3',
    '5.e-3',
    '0X1f',
    '0xF_F',
    '0x_1',
    'foo[5m:1.5]',
    'foo[10.5:1.5]',
    'foo[5m:]',
    'foo @ 1.',
    'foo > bool 2.',
    'offset',
    'offset offset 5m',
    'sum(offset)',
    'offset{a="b"}[5m]',
    'offset + offset',
    'unless offset 5m unless offset offset 1m',
    'a and AND offset 5m',
    'a == bool offset',
    'a or offset',
    'a offset 5m + offset',
    'foo[STEP()]',
    'foo[5m:STEP()]',
    'foo offset STEP()',
    'foo[MIN_OF(1m,2m)]',
    'foo offset (1m+min_of(1m,2m))',
    'foo offset max_of(3s,min_of(step(),1s))',
    'min_of(1, 2) + max_of(foo, 3)',
    'sum by (a:b, c) (x)',
    'x * on (a:b) y',
    'x * on(a) group_left(b:c) y',
    'a:b:c offset -5m',
    'group:left + fill:left',
    'absent:over_time[5m]',
    'sum by (group:left) (rate:)',
    ':bool',
    'sum by (by) (offset)',
    'foo @ START()',
    '{offset="a"}',
  ])('is read, and nothing but matchers is put in: %s', (query) => {
    const scoped = scopeQuery(query, { cluster: 'me' });
    expect(scoped).toMatchObject({ ok: true });
    const written = scoped.ok ? scoped.query : '';
    expect(written.replace(/\{cluster="me"\}|,cluster="me"|cluster="me"/g, '')).toBe(query);
  });

  it.each([
    ...['1..2', '0x', '0xg', '1__0', 'foo[5m:1.5.2]', '0x1.8', '1_.5'],
    ...['absent:over_time(a[5m])', 'count:values("a", b)'],
  ])('is none: %s', (query) => {
    expect(scopeQuery(query, { cluster: 'me' })).toMatchObject({ ok: false, status: 400 });
  });

  it('has its metric named offset scoped', () => {
    expect(scopeQuery('sum(offset offset 5m)', { cluster: 'me' })).toMatchObject({
      query: 'sum(offset{cluster="me"} offset 5m)',
      selectors: 1,
    });
  });
});

describe('a selector that would match everything', () => {
  it.each(['{}', '{a=""}', '{a=~".*"}', '{a!~".+"}', '{a!="x"}', 'up + {b=~"x|"}'])(
    'is refused as Prometheus does: %s',
    (query) => {
      expect(scopeQuery(query, { cluster: 'me' })).toMatchObject({ kind: 'invalid', status: 400 });
    },
  );

  it.each(['up{a=""}', '{a=~".+"}', '{a!=""}', '{"my.metric"}'])('is not %s', (query) => {
    expect(scopeQuery(query, { cluster: 'me' })).toMatchObject({ ok: true });
  });
});
