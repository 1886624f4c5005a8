import { describe, expect, it } from '@jest/globals';
import { scopesOf } from './cluster-scopes.js';

const settings = { networkDeviceExclude: '' };
const matchersOf = (labels: readonly string[], all: readonly string[]) =>
  scopesOf(settings, labels, all).map(
    (scope) => /cluster=~"([^"]*)"/.exec(scope.select('up'))?.[1],
  );
const all = Array.from({ length: 10_000 }, (_, n) => {
  const digits = ((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  return `${digits}-0000-4000-8000-000000000000`;
}).sort();
const read = (matchers: readonly (string | undefined)[]) =>
  all.filter((label) => matchers.some((one) => new RegExp(`^(?:${one ?? ''})$`).test(label)));

describe('the scopes of some clusters', () => {
  it('read its clusters and no others, by few beginnings', () => {
    const page = all.slice(4200, 4300);
    const matchers = matchersOf(page, all);
    expect(matchers).toHaveLength(1);
    expect(matchers[0]!.length).toBeLessThan(500);
    expect(read(matchers)).toEqual(page);
  });

  it('are several where the clusters are too scattered for one expression', () => {
    const page = all.filter((_, index) => index % 20 === 0);
    const matchers = matchersOf(page, all);
    expect(matchers.length).toBeGreaterThan(1);
    for (const matcher of matchers) expect(matcher!.length).toBeLessThan(1_100);
    expect(read(matchers)).toEqual(page);
  });

  it('write once what all of them share', () => {
    const names = Array.from({ length: 900 }, (_, n) => `prod-eu-west-1.cluster-${1000 + n}`);
    const page = names.filter((_, index) => index % 5 === 0);
    const matchers = matchersOf(page, names);
    expect(matchers).toHaveLength(1);
    const matcher = new RegExp(`^(?:${JSON.parse(`"${matchers[0]!}"`) as string})$`);
    expect(names.filter((name) => matcher.test(name))).toEqual(page);
  });

  it('take names literally, and one that begins another', () => {
    expect(matchersOf(['a.b'], ['a.b', 'axb', 'a'])).toEqual(['a\\\\..*']);
    expect(matchersOf(['a'], ['a', 'ab'])).toEqual(['a.*']);
    expect(matchersOf(['a', 'ab'], ['a', 'ab', 'b'])).toEqual(['a.*']);
  });

  it('are that of all for all, and none for none', () => {
    expect(scopesOf(settings, ['a', 'b'], ['a', 'b'])[0]!.select('up')).toBe('up{cluster!=""}');
    expect(scopesOf(settings, [], all)).toEqual([]);
  });
});
