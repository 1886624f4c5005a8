import { describe, expect, it } from '@jest/globals';

import { selector } from './matchers.js';

describe('selector', () => {
  it.each([
    [selector('up'), 'up'],
    [
      selector('up', [
        { label: 'job', op: '=~', value: 'a"b' },
        { label: 'k8s.pod', op: '!=', value: '' },
      ]),
      'up{job=~"a\\"b","k8s.pod"!=""}',
    ],
    [selector('http.x', [{ label: 'a', op: '!~', value: 'b' }]), '{"http.x",a!~"b"}'],
    [selector('a b'), '{"a b"}'],
  ])('writes %s', (written, expected) => {
    expect(written).toBe(expected);
  });
});
