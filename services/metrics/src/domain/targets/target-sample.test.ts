import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { clusterScope } from '../promql/scope.js';
import { narrowToInstances, sampleInstances } from './target-sample.js';

const many = (count: number, port: string) =>
  Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}${port}`);

describe('the instances that stand for all', () => {
  it('are all of them where there are few', () => {
    expect(sampleInstances(many(24, ':9100'))).toEqual(many(24, ':9100'));
  });

  it('are some of every port, from one end of the list to the other', () => {
    const found = sampleInstances([...many(1000, ':9100'), ...many(2, ':9400'), ...many(500, '')]);
    expect(found.filter((one) => one.endsWith(':9100'))).toHaveLength(6);
    expect(found.filter((one) => one.endsWith(':9400'))).toEqual(many(2, ':9400'));
    expect(found.filter((one) => !one.includes(':'))).toHaveLength(6);
    expect(found).toEqual(expect.arrayContaining(['10.0.0.0:9100', '10.0.3.9:9100']));
  });

  it('are a limited number where every instance has a port of its own', () => {
    const found = sampleInstances(
      Array.from({ length: 300 }, (_, index) => `host:${4000 + index}`),
    );
    expect(found).toHaveLength(24);
    expect(new Set(found).size).toBe(24);
    expect(found.slice(0, 2).concat(found.slice(-1))).toEqual([
      'host:4000',
      'host:4013',
      'host:4299',
    ]);
  });
});

it('narrows a scope to instances, taken literally', () => {
  const cluster = clusterIdSchema.parse('11111111-1111-4111-8111-111111111111');
  const scope = clusterScope(cluster, { networkDeviceExclude: 'lo' }, new Set(['up']));
  const narrowed = narrowToInstances(scope, ['10.0.0.1:9100', 'a|b"']);
  expect(narrowed.select('up', { label: 'job', op: '=', value: 'x' })).toBe(
    `up{cluster="${cluster}",instance=~"10\\\\.0\\\\.0\\\\.1:9100|a\\\\|b\\"",job="x"}`,
  );
  expect(narrowed.has('up')).toBe(true);
});
