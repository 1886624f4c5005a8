import { describe, expect, it } from '@jest/globals';

import { metricNames } from './index.js';

describe('metricNames', () => {
  it.each([
    ['sum(rate(a[5m])) / b + a', ['a', 'b']],
    ['{"http.x", job="y"} or {__name__="c"}', ['http.x', 'c']],
    ['{"__name__"=`d`}', ['d']],
    ['{__name__=~"e|f"} or {job="g"}', []],
    ['1 + time()', []],
    ['sum(', []],
  ])('%s', (query, names) => {
    expect(metricNames(query)).toEqual(names);
  });
});
