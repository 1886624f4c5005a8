import { describe, expect, it } from '@jest/globals';
import { InputError } from '../../input-error.js';
import { LimitExceeded } from '../request/limits.js';
import { filterAlerts, filterRules, type RuleFilters } from './rule-filters.js';

const scope = { cluster: 'me' };
const limited = { cluster: 'me', namespaces: ['a'] };
const none: RuleFilters = {
  type: undefined,
  matchers: [],
  ruleNames: new Set(),
  groupNames: new Set(),
  files: new Set(),
  excludeAlerts: false,
  groupLimit: undefined,
  nextToken: undefined,
};
const alert = (alertname: string, labels: Record<string, string>, state = 'firing') => ({
  labels: { ...labels, alertname },
  state,
});
const alerts = [
  alert('1', { cluster: 'me', namespace: 'a' }, 'pending'),
  alert('2', { cluster: 'me', namespace: 'b' }),
  alert('3', { cluster: 'me' }),
  alert('4', { cluster: 'other', namespace: 'a' }),
  alert('5', {}),
  {},
];
const names = (found: readonly { labels?: Readonly<Record<string, string>> }[] = []) =>
  found.map(({ labels }) => labels?.['alertname']);

describe('alerts', () => {
  it('are those of the cluster', async () => {
    expect(names((await filterAlerts({ alerts }, scope)).alerts)).toEqual(['1', '2', '3']);
  });

  it('are those of the namespaces, where limited', async () => {
    expect(names((await filterAlerts({ alerts }, limited)).alerts)).toEqual(['1']);
    expect((await filterAlerts({ alerts }, { cluster: 'me', namespaces: [] })).alerts).toEqual([]);
  });

  it('are those of the clusters of a token, each with its namespaces', async () => {
    const clusters = new Map([
      ['me', ['b']],
      ['other', undefined],
    ]);
    expect(names((await filterAlerts({ alerts }, { clusters })).alerts)).toEqual(['2', '4']);
    expect((await filterAlerts({ alerts }, { clusters: 'all' })).alerts).toHaveLength(6);
    expect(await filterAlerts({}, scope)).toEqual({ alerts: [] });
  });
});

describe('rules', () => {
  const own = {
    name: 'own',
    type: 'alerting',
    labels: { cluster: 'me', team: 'x' },
    alerts,
    lastError: 'found {cluster="other"} twice',
  };
  const recording = {
    name: 'recording',
    type: 'recording',
    labels: { cluster: 'me', namespace: 'a' },
  };
  const byAlerts = { name: 'by alerts', type: 'alerting', state: 'firing', alerts };
  const groups = [
    { name: 'mixed', file: '/etc/rules/x.yml', rules: [own, recording, byAlerts] },
    {
      name: 'other',
      file: '/etc/rules/y.yml',
      rules: [{ name: 'other', labels: { cluster: 'other' } }],
    },
    { name: 'second', file: '/etc/rules/y.yml', rules: [recording] },
    { name: 'empty' },
  ];
  const ask = (filters: Partial<RuleFilters>, of: Parameters<typeof filterRules>[1] = scope) =>
    filterRules({ groups }, of, { ...none, ...filters });
  const found = async (filters: Partial<RuleFilters>, of?: Parameters<typeof filterRules>[1]) =>
    (await ask(filters, of)).groups.map(({ name, rules }) => [
      name,
      rules?.map((rule) => rule.name),
    ]);

  it('are those whose labels, or those of their alerts, carry the cluster, with its alerts alone', async () => {
    expect(await found({})).toEqual([
      ['mixed', ['own', 'recording', 'by alerts']],
      ['second', ['recording']],
    ]);
    const [first, second, third] = (await ask({})).groups[0]?.rules ?? [];
    expect(names(first?.alerts)).toEqual(['1', '2', '3']);
    expect(second).not.toHaveProperty('alerts');
    expect(third).toMatchObject({ state: 'firing' });
  });

  it('have the state of the alerts that are seen, and no word of the store on others', async () => {
    const [first, third] = (await ask({ type: 'alert' }, limited)).groups[0]?.rules ?? [];
    expect(first).toMatchObject({ name: 'own', state: 'pending' });
    expect(third).toMatchObject({ name: 'by alerts', state: 'pending' });
    expect(JSON.stringify(await ask({}))).not.toMatch(/other|twice|\/etc/);
  });

  it.each<[string, Partial<RuleFilters>, unknown]>([
    [
      'type',
      { type: 'record' },
      [
        ['mixed', ['recording']],
        ['second', ['recording']],
      ],
    ],
    ['rule names', { ruleNames: new Set(['own']) }, [['mixed', ['own']]]],
    ['group names', { groupNames: new Set(['second']) }, [['second', ['recording']]]],
    ['files', { files: new Set(['y.yml']) }, [['second', ['recording']]]],
    ['matchers', { matchers: [[{ label: 'team', op: '=~', value: 'x|y' }]] }, [['mixed', ['own']]]],
    [
      'one of several lists of matchers',
      {
        matchers: [
          [{ label: 'team', op: '=', value: 'z' }],
          [{ label: 'namespace', op: '!=', value: '' }],
        ],
        groupNames: new Set(['mixed']),
      },
      [['mixed', ['recording']]],
    ],
  ])('are filtered by %s', async (_name, filters, expected) => {
    expect(await found(filters)).toEqual(expected);
  });

  it('leave out their alerts where asked', async () => {
    expect(JSON.stringify(await ask({ excludeAlerts: true }))).not.toContain('alerts":');
  });

  it('come in pages of groups that are within the scope', async () => {
    const first = await ask({ groupLimit: 1 });
    expect(first.groups.map(({ name }) => name)).toEqual(['mixed']);
    const second = await ask({ groupLimit: 1, nextToken: first.groupNextToken });
    expect(second.groups.map(({ name }) => name)).toEqual(['second']);
    expect(second).not.toHaveProperty('groupNextToken');
    await expect(ask({ groupLimit: 1, nextToken: 'x' })).rejects.toThrow(InputError);
  });

  it('cost no more than may be spent on patterns', async () => {
    const pattern = { label: 'team', op: '=~', value: '(x|y)*'.repeat(20) } as const;
    const teams = Array.from({ length: 2000 }, (_, i) => ({
      ...{ type: 'recording', name: `of ${i}` },
      labels: { cluster: 'me', team: `${'x'.repeat(50)}${i}` },
    }));
    const asked = { ...none, matchers: [[pattern]] };
    const all = filterRules({ groups: [{ rules: teams }] }, scope, asked);
    await expect(all).rejects.toThrow(LimitExceeded);
    const one = teams.slice(0, 1);
    expect(await filterRules({ groups: [{ rules: one }] }, scope, asked)).toEqual({ groups: [] });
  });

  it('may be none', async () => {
    expect(await filterRules({}, scope, none)).toEqual({ groups: [] });
  });
});
