import { describe, expect, it } from '@jest/globals';

import { lintScope } from './index.js';

describe('lintScope', () => {
  it.each([
    'rate(a{cluster="me"}[$__rate_interval])',
    'rate(a{cluster="me"}[${__rate_interval}])',
    'max_over_time(a{cluster="me"}[$__range:$__interval])',
    'increase(a{cluster="me"}[${__range_s}s]) / $__interval_ms',
    'a{cluster="me"} @ ${__to} offset $__range',
    'a{cluster="me",job="$__rate_interval"}',
    'a{cluster="me",cluster=~".+"}',
    'a{"cluster"="me"} # $node',
    'vector(1)',
  ])('has nothing against %s', (query) => {
    expect(lintScope(query, 'me')).toEqual([]);
  });

  it('names each selector without the very matcher, with its place', () => {
    const query =
      'rate(a[$__rate_interval]) + b{cluster=~"me"} / c{cluster="me"} - d{cluster="$x"}';

    expect(lintScope(query, 'me')).toEqual([
      { kind: 'selector', text: 'a', position: 5 },
      { kind: 'selector', text: 'b{cluster=~"me"}', position: 28 },
      { kind: 'selector', text: 'd{cluster="$x"}', position: 65 },
    ]);
  });

  it('names functions that are not allowed', () => {
    expect(lintScope('info(a{cluster="me"})', 'me')).toEqual([
      { kind: 'function', text: 'info', position: 0 },
    ]);
  });

  it.each([
    ['another variable', 'sum(a{cluster="me"}) by ($group)', 25],
    ['a built-in that is no span of time', 'a{cluster="me"} + $__dashboard', 18],
    ['a broken query', 'sum(a{cluster="me"}', 19],
    ['an empty one', '', 0],
  ])('cannot say anything of %s', (_what, query, position) => {
    expect(lintScope(query, 'me')).toEqual([
      { kind: 'unparsable', text: expect.any(String), position },
    ]);
  });
});
