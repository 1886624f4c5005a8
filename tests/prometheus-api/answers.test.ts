import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scopeMatchers, scopeQuery } from '@bud-monitoring/promql';
import { startService, type TestService } from '../metrics/support/service.js';
import { apiOf, call, unordered, type Pairs } from './support/call.js';
import { cluster, end, other, start, startFleetStore, versions } from './support/store.js';
import type { FleetStore } from './support/store.js';

const time = String(end - 600);
const range: Pairs = [
  ['start', String(start + 600)],
  ['end', String(end - 600)],
  ['step', '60'],
];
const methods = ['GET', 'POST'] as const;

function scoped(text: string): string {
  const found = scopeQuery(text, { cluster });
  if (!found.ok) throw new Error(`${text} is refused: ${found.reason}`);
  return found.query;
}

function scopedMatch(text: string): string {
  const found = scopeMatchers(text, { cluster });
  if (!found.ok) throw new Error(`${text} is refused: ${found.reason}`);
  return found.selectors[0] ?? '';
}

describe.each(versions)('answers in front of Prometheus (%s)', (version) => {
  let store: FleetStore;
  let service: TestService;
  let api: string;
  beforeAll(async () => {
    store = await startFleetStore(version);
    service = await startService({ prometheus: store.url, now: Date.now() / 1000 });
    api = apiOf(service.url);
  }, 300_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  /** What is answered, once it was found to be what the store says to `direct`, and of no other cluster. */
  async function expectSame(path: string, own: Pairs, direct: Pairs, method: 'GET' | 'POST') {
    const [answer, wanted] = [
      await call(api, path, own, { method }),
      await call(store.url, path, direct, { method }),
    ];
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect({ ...answer.body, data: unordered(answer.body.data) }).toEqual({
      ...wanted.body,
      data: unordered(wanted.body.data),
    });
    expect(answer.text).not.toContain(other);
    return answer.body.data;
  }

  const instants: readonly (readonly [string, string, string])[] = [
    ['a vector', 'temp', 'vector'],
    ['a vector of two selectors', 'temp / on (instance, mode) load', 'vector'],
    ['a matrix', 'temp{instance="i1"}[5m]', 'matrix'],
    ['a native histogram', 'nlat', 'vector'],
    ['native histograms over time', 'nlat[2m]', 'matrix'],
    ['what is computed of native histograms', 'histogram_quantile(0.9, rate(nlat[5m]))', 'vector'],
    [
      'a classic histogram',
      'histogram_quantile(0.9, sum by (le) (rate(lat_bucket[5m])))',
      'vector',
    ],
    ['a scalar', 'scalar(fleet_size)', 'scalar'],
    ['the time', 'time()', 'scalar'],
    ['no selector at all', '1+1', 'scalar'],
    ['a string', '"text"', 'string'],
    ['what is absent', 'absent(nowhere)', 'vector'],
    ['what only others have', 'only_elsewhere', 'vector'],
    ['numbers that are none', 'temp / 0 - temp / 0', 'vector'],
  ];

  describe.each(methods)('%s', (method) => {
    it.each(instants)('%s: %s', async (_name, query, type) => {
      const data = await expectSame(
        '/query',
        [
          ['query', query],
          ['time', time],
        ],
        [
          ['query', scoped(query)],
          ['time', time],
        ],
        method,
      );
      const { resultType, result } = data as { resultType: string; result: unknown[] };
      expect(resultType).toBe(type);
      expect(result.length > 0).toBe(query !== 'only_elsewhere');
    });

    it.each(instants.filter(([, , type]) => type !== 'matrix' && type !== 'string'))(
      'over a range: %s: %s',
      async (_name, query) => {
        const data = await expectSame(
          '/query_range',
          [['query', query], ...range],
          [['query', scoped(query)], ...range],
          method,
        );
        const { result } = data as { result: { values?: unknown[]; histograms?: unknown[] }[] };
        const points = result.map(({ values, histograms }) => (values ?? histograms ?? []).length);
        expect(Math.max(0, ...points)).toBe(query === 'only_elsewhere' ? 0 : 41);
      },
    );

    it('series, by several selectors', async () => {
      const span: Pairs = [
        ['start', String(start)],
        ['end', String(end)],
      ];
      const matches = ['temp{mode="user"}', '{__name__=~"fleet.*|only.*"}'];
      const data = await expectSame(
        '/series',
        [...matches.map((match) => ['match[]', match] as const), ...span],
        [...matches.map((match) => ['match[]', scopedMatch(match)] as const), ...span],
        method,
      );
      const found = data as Record<string, string>[];
      expect(new Set(found.map((series) => series['cluster']))).toEqual(new Set([cluster]));
      expect(new Set(found.map((series) => series['__name__']))).toEqual(
        new Set(['temp', 'fleet_size']),
      );
    });

    it('labels, of all that the cluster has and of a selector', async () => {
      const all = await expectSame('/labels', [], [['match[]', `{cluster="${cluster}"}`]], method);
      expect(all).toEqual(expect.arrayContaining(['__name__', 'cluster', 'mode', 'le']));
      const some = await expectSame(
        '/labels',
        [
          ['match[]', 'only_elsewhere'],
          ['match[]', 'build_info'],
        ],
        [['match[]', scopedMatch('build_info')]],
        method,
      );
      expect(some).toEqual(['__name__', 'cluster', 'instance', 'job', 'namespace', 'version']);
    });

    it('exemplars', async () => {
      const now = Date.now() / 1000;
      const span: Pairs = [
        ['start', String(now - 60)],
        ['end', String(now + 60)],
      ];
      const query = 'rate(jobs_done_total[1m])';
      const answer = await call(api, '/query_exemplars', [['query', query], ...span], { method });
      expect(answer.body).toMatchObject({
        status: 'success',
        data: [{ seriesLabels: { cluster }, exemplars: [{ labels: { trace_id: 'ours' } }] }],
      });
      expect(answer.text).not.toMatch(new RegExp(`${other}|theirs`));
    });

    it('a query, printed readably', async () => {
      const query: Pairs = [['query', 'sum( rate(temp{a="b"}[5m]))by(x)']];
      expect(await expectSame('/format_query', query, query, method)).toContain('by (x)');
    });
  });

  it('values of a label are those of the cluster alone', async () => {
    const direct: Pairs = [['match[]', `{cluster="${cluster}"}`]];
    const names = (await expectSame('/label/__name__/values', [], direct, 'GET')) as string[];
    expect(names).toContain('temp');
    expect(names).not.toContain('only_elsewhere');
    expect(await expectSame('/label/cluster/values', [], direct, 'GET')).toEqual([cluster]);
    const versionsOf = await expectSame('/label/version/values', [], direct, 'GET');
    expect(versionsOf).toEqual(['v2.i1', 'v2.i2', 'v2.i3']);
  });

  it('metadata, rules and alerts are those of the cluster alone', async () => {
    const [metadata, rules, alerts] = await Promise.all(
      ['/metadata', '/rules', '/alerts'].map((path) => call(api, path)),
    );
    expect(metadata?.body).toEqual({
      status: 'success',
      data: { jobs_done: [{ type: 'counter', help: 'Jobs that were done.', unit: '' }] },
    });
    const { groups } = rules?.body.data as { groups: { name: string; rules: object[] }[] };
    expect(groups.map(({ name }) => name)).toEqual([`of ${cluster}`]);
    expect(groups[0]?.rules).toMatchObject([
      { name: 'fleet:one', health: 'ok' },
      { name: 'Burning', alerts: [{ labels: { cluster }, state: 'firing' }] },
    ]);
    expect(alerts?.body.data).toMatchObject({ alerts: [{ labels: { cluster } }] });
    for (const answer of [metadata, rules, alerts]) {
      expect(answer?.text).not.toMatch(new RegExp(`${other}|their_secret|Everywhere`));
    }
    const only = await call(api, '/rules', [['type', 'record']]);
    expect(only.text).toContain('fleet:one');
    expect(only.text).not.toContain('Burning');
    const none = await call(api, '/metadata', [['metric', 'their_secret']]);
    expect(none.body).toEqual({ status: 'success', data: {} });
  });

  it("the store's version", async () => {
    const data = await expectSame('/status/buildinfo', [], [], 'GET');
    expect(data).toHaveProperty('goVersion');
  });

  it('parameters of the form and of the URL are one', async () => {
    const form = new URLSearchParams({ time });
    const query = encodeURIComponent('temp{mode="user"}');
    const answer = await fetch(`${api}/api/v1/query?query=${query}`, {
      method: 'POST',
      body: form,
    });
    const wanted = await call(store.url, '/query', [
      ['query', scoped('temp{mode="user"}')],
      ['time', time],
    ]);
    expect(unordered(((await answer.json()) as { data: unknown }).data)).toEqual(
      unordered(wanted.body.data),
    );
  });

  it('limits are passed on where the store knows them', async () => {
    const limit: Pairs = [['limit', '2']];
    const { body } = await call(api, '/labels', limit);
    expect((body.data as string[]).length === 2).toBe(version === '3');
    expect(body.warnings ?? []).toHaveLength(version === '3' ? 1 : 0);
  });
});
