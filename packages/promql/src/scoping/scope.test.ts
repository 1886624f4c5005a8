import { describe, expect, it } from '@jest/globals';

import { scopeMatchers, scopeQuery } from '../index.js';

const cluster = '0b7e8f1a-3c52-4f0b-9d53-6a3c0a1f2b4d';

describe('scopeQuery', () => {
  it('counts the selectors and changes nothing else', () => {
    const result = scopeQuery('sum by (job) (rate( a{x="y"}[5m]))\n /  b', { cluster: 'me' });

    expect(result).toMatchObject({
      ok: true,
      query: 'sum by (job) (rate( a{x="y",cluster="me"}[5m]))\n /  b{cluster="me"}',
      selectors: 2,
    });
  });

  it.each([
    ['names the id', `cluster="${cluster}"`],
    ['names something else to leave out', 'cluster!="prod"'],
    ['leaves nothing out', 'cluster!=""'],
    ['matches everything', 'cluster=~".*"'],
    ['matches everything but nothing', 'cluster=~".+"'],
    ['is the id as a pattern', `cluster=~"${cluster}"`],
    ['is anchored once more', `cluster=~"^(?:${cluster})$"`],
    ['is a prefix', 'cluster=~"0b7e8f1a-.*"'],
    ['is an alphabet', 'cluster=~"[0-9a-f-]{36}"'],
    ['is an alternation that every branch is needed for', 'cluster=~"([0-9a-f]|-)+"'],
    ['has an alternation of which every branch may serve', 'cluster=~"0b(.*|7.*)"'],
    ['has an empty branch', `cluster=~"${cluster}|"`],
    ['repeats the id', `cluster=~"${cluster}|${cluster}"`],
    ['ignores case', `cluster=~"(?i)${cluster.toUpperCase()}"`],
    ['leaves out a list of others', 'cluster!~"prod|staging"'],
  ])("lets the caller's own matcher stand that %s", (_what, matcher) => {
    const result = scopeQuery(`up{${matcher}}`, { cluster });

    const own = `cluster="${cluster}"`;
    expect(result).toMatchObject({
      ok: true,
      query: matcher === own ? `up{${own}}` : `up{${matcher},${own}}`,
    });
  });

  it.each([
    ['names another', 'cluster="prod"', /asks for another cluster/],
    ['names the id in capitals', `cluster="${cluster.toUpperCase()}"`, /another cluster/],
    ['names none', 'cluster=""', /another cluster/],
    ['leaves the id out', `cluster!="${cluster}"`, /leaves out/],
    ['leaves the id out by a pattern', 'cluster!~".+"', /leaves out/],
    ['matches another', 'cluster=~"prod-.*"', /asks for another/],
    ['matches only a part of the id', 'cluster=~"0b7e8f1a"', /asks for another/],
    ['names another beside the id', `cluster=~"${cluster}|prod"`, /names another/],
    ['names another first', `cluster=~"prod|${cluster}"`, /names another/],
    ['names others by pattern', `cluster=~"${cluster}|prod-.*"`, /names another/],
    ['names another in a group', 'cluster=~"0b7e8f1a-(3c52|9999)-.*"', /names another/],
  ])("refuses the caller's own matcher that %s", (_what, matcher, reason) => {
    const result = scopeQuery(`sum(up{job="x",${matcher}})`, { cluster });

    expect(result).toMatchObject({
      ok: false,
      kind: 'refused',
      status: 422,
      position: 15,
      reason: expect.stringMatching(reason),
    });
  });

  describe('of a cluster that the store also writes in capitals', () => {
    const capitals = cluster.toUpperCase();
    const spellings = new Map([[cluster, [cluster, capitals]]]);
    const both = `cluster=~"${capitals}|${cluster}"`;

    it.each([
      ['up', `up{${both}}`],
      [`up{cluster="${cluster}"} * 2`, `up{cluster=~"${cluster}|${capitals}",${both}} * 2`],
      [
        `up{'cluster' # =\n = '${cluster}'}`,
        `up{'cluster' # =\n =~ '${cluster}|${capitals}',${both}}`,
      ],
      [`up{cluster="${capitals}"}`, `up{cluster="${capitals}",${both}}`],
      [`up{cluster=~"${cluster}|${capitals}"}`, `up{cluster=~"${cluster}|${capitals}",${both}}`],
      [`up{cluster=~"[0-9A-F-]+"}`, `up{cluster=~"[0-9A-F-]+",${both}}`],
    ])('reaches both by %s', (query, scoped) => {
      expect(scopeQuery(query, { cluster, spellings })).toMatchObject({ ok: true, query: scoped });
    });

    it('reaches that alone, where it is the only one', () => {
      const only = { cluster, spellings: new Map([[cluster, [capitals]]]) };
      expect(scopeQuery('up', only)).toMatchObject({ query: `up{cluster="${capitals}"}` });
      expect(scopeMatchers(`{cluster="${cluster}"}`, only)).toMatchObject({
        selectors: [`{cluster=~"${cluster}|${capitals}",cluster="${capitals}"}`],
      });
    });

    it.each(['cluster!="CAPITALS"', 'cluster!~"CAPITALS"', 'cluster=~"CAPITALS|prod"'])(
      'refuses what leaves it out or names another: %s',
      (matcher) => {
        const query = `up{${matcher.replace('CAPITALS', capitals)}}`;
        expect(scopeQuery(query, { cluster, spellings })).toMatchObject({ kind: 'refused' });
      },
    );

    it('reaches both in a fleet that has it', () => {
      const fleet = { clusters: new Map([[cluster, undefined]]), spellings };
      for (const query of ['up', `up{cluster="${capitals}"}`, `up{cluster="${cluster}"}`])
        expect(scopeQuery(query, fleet)).toMatchObject({ query: expect.stringContaining(both) });
    });
  });

  it.each(['cluster=~"\\\\pL+"', 'cluster=~"a**"', 'cluster!~"("'])(
    "leaves it to the store whether the caller's own matcher is one: %s",
    (matcher) => {
      expect(scopeQuery(`sum(up{job="x",${matcher}})`, { cluster })).toMatchObject({
        ok: false,
        kind: 'unparsable',
        position: 15,
        reason: `the matcher ${matcher} cannot be judged`,
      });
    },
  );

  it('writes no text beyond all measure for a claim of many clusters', () => {
    const clusters = new Map(
      Array.from({ length: 1000 }, (_, i) => [`${cluster}-${i}`, undefined]),
    );
    const sum = (count: number) => scopeQuery(Array(count).fill('up').join('+'), { clusters });
    expect(sum(40)).toMatchObject({ ok: true });
    expect(sum(400)).toMatchObject({ ok: false, kind: 'limit', status: 422 });
  });

  it('analyzes only a few different patterns in one query', () => {
    const selectors = (count: number): string =>
      Array.from({ length: count }, (_, i) => `up{cluster=~".{0,${i + 40}}"}`).join(' or ');

    expect(scopeQuery(selectors(3), { cluster })).toMatchObject({ ok: true });
    expect(scopeQuery(selectors(4), { cluster })).toMatchObject({ ok: false, kind: 'unparsable' });
  });

  it.each([
    ['one', ['a'], 'up{cluster="me",namespace="a"}'],
    ['many, sorted and once', ['b', 'a.c', 'b'], 'up{cluster="me",namespace=~"a\\\\.c|b"}'],
    ['none', [], 'up{cluster="me",namespace="",namespace!=""}'],
    ['an empty name, which is none', [''], 'up{cluster="me",namespace="",namespace!=""}'],
  ])('limits to namespaces: %s', (_what, namespaces, query) => {
    expect(scopeQuery('up', { cluster: 'me', namespaces })).toMatchObject({ ok: true, query });
  });

  it("keeps the caller's own namespace beside the limit", () => {
    const scope = { cluster: 'me', namespaces: ['a', 'b'] };

    expect(scopeQuery('up{namespace="c"}', scope)).toMatchObject({
      query: 'up{namespace="c",cluster="me",namespace=~"a|b"}',
    });
  });

  it('writes a cluster and a namespace that need escaping as they are', () => {
    const scope = { cluster: 'a"b\\c\nd', namespaces: ['x|y', '"'] };

    expect(scopeQuery('up', scope)).toMatchObject({
      query: String.raw`up{cluster="a\"b\\c\nd",namespace=~"\"|x\\|y"}`,
    });
  });

  it('takes no scope without a cluster', () => {
    expect(() => scopeQuery('up', { cluster: '' })).toThrow(RangeError);
  });

  it('takes another limit of length', () => {
    expect(scopeQuery('up', { cluster: 'me' }, { maxLength: 1 })).toMatchObject({
      ok: false,
      kind: 'limit',
    });
  });

  it('answers what is no PromQL with 400 and where', () => {
    expect(scopeQuery('sum(up', { cluster: 'me' })).toMatchObject({
      ok: false,
      kind: 'unparsable',
      status: 400,
      position: 6,
    });
  });
});

describe('scopeMatchers', () => {
  it.each([
    ['up', 'up{cluster="me"}'],
    [' # all\n{job=~".+"} ', ' # all\n{job=~".+",cluster="me"} '],
    ['{"http.x"}', '{"http.x",cluster="me"}'],
    [undefined, '{cluster="me"}'],
  ])('scopes %s', (match, selector) => {
    expect(scopeMatchers(match, { cluster: 'me' })).toEqual({ ok: true, selectors: [selector] });
  });

  it.each([
    'up[5m]',
    '(up)',
    'up or down',
    'up offset 5m',
    'sum(up)',
    '1',
    '"up"',
    '-up',
    'up @ 1',
  ])('takes nothing but a selector: %s', (match) => {
    expect(scopeMatchers(match, { cluster: 'me' })).toMatchObject({ ok: false, kind: 'invalid' });
  });

  it.each(['', 'up{', 'up{cluster="other"}'])('refuses %s', (match) => {
    expect(scopeMatchers(match, { cluster: 'me' })).toMatchObject({ ok: false });
  });
});

describe('clusters that the caller lists in a fleet', () => {
  const clusters = new Map(['a', 'b', 'c.d'].map((id) => [id, undefined]));

  it.each([
    ['cluster="a"', 'cluster="a"'],
    ['cluster=~"a|b|x"', 'cluster=~"a|b"'],
    // As Grafana writes a variable of several values.
    ['cluster=~"(a|c\\\\.d)"', 'cluster=~"a|c\\\\.d"'],
    ['cluster=~"(x|y)"', 'cluster="",cluster!=""'],
    ['cluster=~"(a|b)|c"', 'cluster=~"a|b|c\\\\.d"'],
    ['cluster=~"(a|.+)"', 'cluster=~"a|b|c\\\\.d"'],
    ['cluster=~"c.d"', 'cluster=~"a|b|c\\\\.d"'],
    ['cluster=~"(?i)a"', 'cluster=~"a|b|c\\\\.d"'],
  ])('are alone written beside %s', (own, enforced) => {
    const query = enforced === own ? `up{${own}}` : `up{${own},${enforced}}`;
    expect(scopeQuery(`up{${own}}`, { clusters })).toMatchObject({ ok: true, query });
  });
});

describe('clusters with different namespaces', () => {
  const scope = {
    clusters: new Map([
      ['a', ['x']],
      ['b', ['y', 'z']],
    ]),
  };
  const [ours, theirs] = ['cluster="a",namespace="x"', 'cluster="b",namespace=~"y|z"'];

  it.each([
    ['up', `(up{${ours}} or up{${theirs}})`],
    ['-m offset -5m @ 7', `-(m{${ours}} offset -5m @ 7 or m{${theirs}} offset -5m @ 7)`],
    [
      'rate(m{c="d"}[5m] offset 1h)',
      `(rate(m{c="d",${ours}}[5m] offset 1h) or rate(m{c="d",${theirs}}[5m] offset 1h))`,
    ],
    ['sum by (i) (m)', `sum by (i) ((m{${ours}} or m{${theirs}}))`],
    [
      'max_over_time(m offset 1m[1h:5m] offset 5m)',
      `(max_over_time(m{${ours}} offset 1m[1h:5m] offset 5m) or max_over_time(m{${theirs}} offset 1m[1h:5m] offset 5m))`,
    ],
    ['max_over_time((-m)[1h:])', `max_over_time((-(m{${ours}} or m{${theirs}}))[1h:])`],
    ['max_over_time((2 + m)[1h:])', `max_over_time((2 + (m{${ours}} or m{${theirs}}))[1h:])`],
    ['max_over_time((m > 2)[1h:])', `max_over_time(((m{${ours}} or m{${theirs}}) > 2)[1h:])`],
    ['absent_over_time(m[1h:])', `absent_over_time((m{${ours}} or m{${theirs}})[1h:])`],
    ['m[1h:]', `(m{${ours}} or m{${theirs}})[1h:]`],
    ['timestamp((m))', `(timestamp((m{${ours}})) or timestamp((m{${theirs}})))`],
    [
      'n{cluster="a"} * on (i) group_left # info\n m ^ 2',
      `n{cluster="a",namespace="x"} * on (i) group_left # info\n () (m{${ours}} or m{${theirs}}) ^ 2`,
    ],
  ])('are asked each for its own: %s', (query, wanted) => {
    expect(scopeQuery(query, scope)).toMatchObject({ ok: true, query: wanted });
  });

  it.each([
    'm[5m]',
    'absent_over_time(m[5m])',
    'quantile_over_time(scalar(n), m[5m])',
    'm offset (2m + 1m) * step()',
  ])('cannot be asked so, and are refused: %s', (query) => {
    expect(scopeQuery(query, scope)).toMatchObject({ ok: false, kind: 'refused' });
  });

  it('are no more than twenty sets', () => {
    const clusters = new Map(Array.from({ length: 22 }, (_, n) => [`c${n}`, [`n${n}`]]));
    expect(scopeQuery('up', { clusters })).toMatchObject({ ok: false, kind: 'refused' });
  });
});
