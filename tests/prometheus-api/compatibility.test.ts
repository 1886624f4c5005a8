import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from '@bud-monitoring/stack';
import type { TestService } from '../metrics/support/service.js';
import { apiOf, call, type Pairs } from './support/call.js';
import { startNow } from './support/service.js';
import {
  cluster,
  end,
  start,
  startFleetStore,
  versions,
  type FleetStore,
} from './support/store.js';

const span: Pairs = [
  ['start', String(start)],
  ['end', String(end)],
];

describe.each(versions)('what clients send, in front of Prometheus (%s)', (version) => {
  let store: FleetStore;
  let service: TestService;
  let api: string;
  beforeAll(async () => {
    store = await startFleetStore(version, version === '3' ? ['promql-duration-expr'] : []);
    service = await startNow(store.url);
    api = apiOf(service.url);
  }, 300_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });
  /** Status and error of the store and of the API for the same call. */
  async function compare(path: string, own: Pairs) {
    const [answer, wanted] = [await call(api, path, own), await call(store.url, path, own)];
    return { answer, wanted };
  }

  it.each([
    '2.',
    '1./6.',
    '1.e3',
    '0X1f',
    '0xF_F',
    'offset',
    'offset offset 5m',
    'sum by (a:b) (up)',
  ])('a query that few write is read: %s', async (query) => {
    const { answer, wanted } = await compare('/query', [['query', query]]);
    expect(answer.status).toBe(wanted.status);
  });

  it.each([
    'up + bool up',
    'sum(up) + on(x) bool up',
    'rate(up)',
    'abs(up[5m])',
    'up +\n  bool temp',
    '',
    '{}',
    'up + {a=""}',
    'up + {job=~".*"}',
    'up{cluster=~"("}',
    'up + temp{cluster!~"a**"}',
    // 2.42 does not know it.
    'up + rate(temp[step()])',
  ])("an error has the store's words, at the caller's position: %s", async (query) => {
    const { answer, wanted } = await compare('/query', [['query', query]]);
    expect(wanted.status).toBe(400);
    expect(answer.body).toEqual(wanted.body);
  });

  it.each(['{}', 'sum(up)', 'up[5m]', 'up{'])(
    'a match[] that is none is a 400: %s',
    async (match) => {
      const { answer, wanted } = await compare('/series', [['match[]', match]]);
      expect([answer.status, answer.body.errorType]).toEqual([wanted.status, 'bad_data']);
    },
  );

  const limits = ['99999999999', '-1', '1e1', '0x1'].map((value) => ['limit', value]);
  it.each([
    // 2.42 has no limit.
    ...(version === '3' ? limits : []),
    ['step', '1m1h'],
    ['step', '1s1s'],
    ['step', '1_0'],
    ['step', '1h30m'],
    ['start', '2026-01-31t08:00:00Z'],
    ['start', '2026-01-31 08:00:00Z'],
  ])('%s=%s is taken as the store takes it', async (name = '', value = '') => {
    const own: Pairs = [
      ['query', 'vector(1)'],
      ['start', String(end - 60)],
      ['end', String(end)],
      ['step', '60'],
    ];
    const replaced = own.filter(([key]) => key !== name).concat([[name, value]]);
    const { answer, wanted } = await compare('/query_range', replaced);
    expect(answer.status).toBe(wanted.status);
  });

  it('a fraction of a second of an RFC 3339 time counts', async () => {
    const from = `${new Date((end - 120) * 1000).toISOString().slice(0, 19)}.5Z`;
    const own: Pairs = [
      ['query', 'temp'],
      ['start', from],
      ['end', String(end)],
      ['step', '60'],
    ];
    const { body } = await call(api, '/query_range', own);
    const { result } = body.data as { result: { values?: [number, string][] }[] };
    expect(result.find(({ values }) => values)?.values?.[0]?.[0]).toBe(end - 119.5);
  });

  it('metadata is limited to what may be seen of it', async () => {
    const families = async (...own: Pairs) => {
      const { body } = await call(api, '/metadata', own);
      return Object.keys(body.data as object);
    };
    expect(await families()).toEqual(await families(['limit', '-1']));
    expect(await families(['limit', '0'])).toEqual([]);
    expect(await families(['limit', '1'], ['limit_per_metric', '1'])).toHaveLength(1);
  });

  it.each(['sum(temp{a="b"})', 'sum('])(
    'a query as a tree is that of the store: %s',
    async (query) => {
      const own: Pairs = [['query', query]];
      const lacking = {
        status: 501,
        body: {
          status: 'error',
          errorType: 'not_implemented',
          error: 'The store has no /parse_query',
        },
      };
      const wanted = version === '3' ? await call(store.url, '/parse_query', own) : lacking;
      const { status, body } = await call(api, '/parse_query', own);
      expect([status, body]).toEqual([wanted.status, wanted.body]);
    },
  );

  it('a query too long to be printed is refused before the store works on it for minutes', async () => {
    const query = (operands: number): Pairs => [['query', Array(operands).fill('a').join('+')]];
    expect((await call(api, '/format_query', query(400))).status).toBe(200);
    const { status, body } = await call(api, '/format_query', query(8000), { method: 'POST' });
    expect([status, body.errorType]).toEqual([422, 'execution']);
  });

  it('exemplars of no selector are what the store says', async () => {
    const query = `query=1&start=${start}&end=${end}`;
    const statuses = await Promise.all(
      [store.url, api].map(
        async (url) => (await fetch(`${url}/api/v1/query_exemplars?${query}`)).status,
      ),
    );
    expect(statuses[1]).toBe(statuses[0]);
  });

  it('rules are filtered, and a rule of which an alert carries the cluster is one', async () => {
    const names = async (own: Pairs) => {
      const { body } = await call(api, '/rules', own);
      const { groups } = body.data as { groups: { rules: { name: string }[] }[] };
      return groups.flatMap(({ rules }) => rules.map(({ name }) => name));
    };
    expect(await names([])).toEqual(['fleet:one', 'Burning']);
    expect(await names([['type', 'record']])).toEqual(['fleet:one']);
    expect(await names([['rule_name[]', 'Burning']])).toEqual(['Burning']);
    expect(await names([['rule_group[]', `of ${cluster}`]])).toHaveLength(2);
    expect(await names([['rule_group[]', 'of nobody']])).toEqual([]);
    expect(await names([['match[]', `{cluster="${cluster}"}`]])).toHaveLength(2);
    expect(await names([['match[]', '{cluster=~"elsewhere"}']])).toEqual([]);
    const { text } = await call(api, '/rules', [['exclude_alerts', 'true']]);
    expect(text).not.toContain('activeAt');
    for (const wrong of [
      ['group_limit', '0'],
      ['match[]', '{}'],
      ['match[]', 'up{'],
      ['match[]', '{a=~"("}'],
    ] as const) {
      const refused = await call(api, '/rules', [wrong]);
      expect([refused.status, refused.body.errorType]).toEqual([400, 'bad_data']);
    }
  });

  it.each(['', '/', '/-/healthy', '/-/ready'])(
    'a client that looks whether it is there: %s',
    async (path) => {
      expect((await fetch(`${api}${path}`)).status).toBe(200);
      expect((await fetch(`${service.url}/prometheus${path}`)).status).toBe(200);
    },
  );

  it('notes name the position in the text of the caller', async () => {
    const own: Pairs = [
      ['query', 'vector(1) + rate(fleet_size[5m])'],
      ['time', String(end - 600)],
    ];
    const { answer, wanted } = await compare('/query', own);
    // 2.42 writes none.
    expect(answer.body.infos ?? []).toHaveLength(version === '3' ? 1 : 0);
    expect(answer.body.infos).toEqual(wanted.body.infos);
    const ranged: Pairs = [['query', 'vector(1) + rate(fleet_size[5m])'], ...span, ['step', '60']];
    for (let asked = 0; asked < 2; asked += 1) {
      expect((await call(api, '/query_range', ranged)).body.infos).toEqual(wanted.body.infos);
    }
  });
});

describe('in front of VictoriaMetrics', () => {
  let stack: Stack;
  let service: TestService;
  beforeAll(async () => {
    stack = await startStack({ victoriaMetrics: true });
    service = await startNow(stack.victoriaMetrics?.url ?? '');
    await service.deliver('/events/cluster-created', {
      ...{ specversion: '1.0', id: '1', source: 'test', type: 'test' },
      ...{ time: new Date().toISOString(), data: { cluster_id: cluster, name: 'a' } },
    });
  }, 120_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await stack.stop();
  });

  it('what the store lacks is a clear 501', async () => {
    const { status, body } = await call(`${service.url}/prometheus`, '/format_query', [
      ['query', 'up'],
    ]);
    expect([status, body]).toEqual([
      501,
      { status: 'error', errorType: 'not_implemented', error: 'The store has no /format_query' },
    ]);
  });

  it.each(['{"my.metric"}', 'up + {"my.metric","a"="b"}', 'up{a=~"("}'])(
    'the text of the caller is quoted in an error: %s',
    async (query) => {
      const own: Pairs = [
        ['query', query],
        ['time', String(end)],
      ];
      const answer = await call(apiOf(service.url), '/query', own);
      const wanted = await call(stack.victoriaMetrics?.url ?? '', '/query', own);
      expect(wanted.status).toBe(422);
      expect([answer.status, answer.body]).toEqual([422, wanted.body]);
    },
  );
});
