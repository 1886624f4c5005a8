import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestService } from '../metrics/support/service.js';
import { call, unordered, type Pairs } from './support/call.js';
import { jwtEnvironment, startNow } from './support/service.js';
import { cluster, end, other, start, startFleetStore, versions } from './support/store.js';
import type { FleetStore } from './support/store.js';

const time: Pairs = [['time', String(end - 600)]];
const range: Pairs = [
  ['start', String(start + 600)],
  ['end', String(end - 600)],
  ['step', '60'],
];
const both = `cluster=~"${cluster}|${other}"`;

describe.each(versions)('the API of a fleet in front of Prometheus (%s)', (version) => {
  let store: FleetStore;
  let service: TestService;
  beforeAll(async () => {
    store = await startFleetStore(version);
    service = await startNow(store.url, jwtEnvironment(store.stack));
  }, 300_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  async function ask(claims: Record<string, unknown>, path: string, own: Pairs) {
    const extra = claims;
    const token = await store.stack.identity.mintToken({ permissions: ['cluster:view'], extra });
    const headers = { authorization: `Bearer ${token}` };
    return call(`${service.url}/prometheus`, path, own, { method: 'GET', headers });
  }
  async function direct(path: string, own: Pairs) {
    const { body } = await call(store.url, path, own, { method: 'POST' });
    return unordered(body.data);
  }
  const dataOf = async (claims: Record<string, unknown>, path: string, own: Pairs) => {
    const { status, body } = await ask(claims, path, own);
    expect([status, body.error]).toEqual([200, undefined]);
    return unordered(body.data);
  };

  it.each([
    [
      'all of it without a claim',
      {},
      'count by (cluster, mode) (temp)',
      'count by (cluster, mode) (temp)',
    ],
    [
      'the clusters of the claim',
      { clusters: [cluster, other] },
      'sum(temp)',
      `sum(temp{${both}})`,
    ],
    ['one cluster', { clusters: [other] }, 'temp', `temp{cluster="${other}"}`],
    [
      'less where the caller narrows',
      { clusters: [cluster, other] },
      `temp{cluster=~"${other}|elsewhere"}`,
      `temp{cluster="${other}"}`,
    ],
    [
      'less where the caller leaves out',
      { clusters: [cluster, other] },
      `temp{cluster!="${other}"}`,
      `temp{cluster="${cluster}"}`,
    ],
    [
      'nothing beyond the claim',
      { clusters: [cluster] },
      `temp{cluster="${other}"}`,
      'temp{cluster="?"}',
    ],
    ['nothing by an empty claim', { clusters: [] }, 'temp', 'temp{cluster="?"}'],
    [
      'the namespaces of the claim',
      { clusters: [cluster, other], namespaces: ['a', 'b'] },
      'temp',
      `temp{${both},namespace=~"a|b"}`,
    ],
    [
      'the namespaces of one cluster',
      { cluster_namespaces: { [cluster]: ['a'], [other]: ['b'] } },
      `temp{cluster="${other}"}`,
      `temp{cluster="${other}",namespace="b"}`,
    ],
    [
      'the namespaces of each cluster',
      { cluster_namespaces: { [cluster]: ['a'], [other]: ['b'] } },
      'sum by (cluster, namespace) (rate(temp[5m]))',
      `sum by (cluster, namespace) (rate(temp{cluster="${cluster}",namespace="a"}[5m]) or rate(temp{cluster="${other}",namespace="b"}[5m]))`,
    ],
  ])('answers %s', async (_name, claims, query, selected) => {
    const own = await dataOf(claims, '/query', [['query', query], ...time]);
    expect(own).toEqual(await direct('/query', [['query', selected], ...time]));
    const points = await dataOf(claims, '/query_range', [['query', query], ...range]);
    expect(points).toEqual(await direct('/query_range', [['query', selected], ...range]));
  });

  it('keeps cached ranges of different tokens apart', async () => {
    const own: Pairs = [['query', 'sum by (cluster) (temp)'], ...range];
    for (const clusters of [[cluster], [other], [cluster, other], [cluster]]) {
      const { body } = await ask({ clusters }, '/query_range', own);
      const { result } = body.data as { result: { metric: { cluster: string } }[] };
      expect(result.map(({ metric }) => metric.cluster).sort()).toEqual([...clusters].sort());
    }
  });

  it('has labels, values, series, rules, alerts and metadata of the claim alone', async () => {
    const span = range.slice(0, 2);
    const claims = { clusters: [cluster] };
    const values = await ask(claims, '/label/cluster/values', span);
    expect(values.body.data).toEqual([cluster]);
    const series = await ask(claims, '/series', [['match[]', '{__name__=~".+"}'], ...span]);
    const paths = ['/labels', '/rules', '/alerts', '/metadata'];
    const texts = await Promise.all(paths.map(async (path) => (await ask(claims, path, [])).text));
    for (const text of [series.text, ...texts]) {
      expect(text).not.toContain(other);
      expect(text).not.toContain('their_secret');
    }
    expect(texts[1]).toContain('fleet:one');
    expect((await ask({}, '/rules', [])).text).toContain('Everywhere');
  });

  it('has the series of each cluster with its own namespaces', async () => {
    const claims = { cluster_namespaces: { [cluster]: ['a'], [other]: ['b'] } };
    const data = await dataOf(claims, '/series', [['match[]', 'temp'], ...range.slice(0, 2)]);
    expect(data).toEqual(
      await direct('/series', [
        ['match[]', `temp{cluster="${cluster}",namespace="a"}`],
        ['match[]', `temp{cluster="${other}",namespace="b"}`],
        ...range.slice(0, 2),
      ]),
    );
    const query = await ask(claims, '/query', [['query', 'temp[5m]']]);
    expect([query.status, query.body.errorType]).toEqual([422, 'execution']);
    expect(query.body.error).toContain('different namespaces');
  });

  it('carries a thousand clusters in a claim', async () => {
    const more = Array.from(
      { length: 998 },
      (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    );
    const data = await dataOf({ clusters: [cluster, ...more, other] }, '/query', [
      ['query', 'sum by (cluster) (temp)'],
      ...time,
    ]);
    expect(data).toEqual(
      await direct('/query', [['query', `sum by (cluster) (temp{${both}})`], ...time]),
    );
  });

  it('says a store’s position in what is repeated as that in the text of the caller', async () => {
    const claims = { cluster_namespaces: { [cluster]: ['a'], [other]: ['b'] } };
    const own: Pairs = [['query', '1 + rate(temp[5m])'], ...time];
    const { body } = await ask(claims, '/query', own);
    const wanted = await call(store.url, '/query', own);
    expect(wanted.body.infos ?? []).toHaveLength(version === '3' ? 1 : 0);
    expect(body.infos).toEqual(wanted.body.infos);
  });

  it('is not that of a cluster of its name', async () => {
    const named = await startNow(store.url, { CLUSTER_ID_FORMAT: 'label' });
    try {
      await named.deliver('/events/cluster-created', {
        ...{ specversion: '1.0', id: '1', source: 'test', type: 'test' },
        ...{ time: new Date().toISOString(), data: { cluster_id: 'fleet', name: 'a' } },
      });
      const own: Pairs = [['query', 'count(temp)'], ...time];
      const results = async (root: string) => {
        const { body } = await call(`${named.url}${root}`, '/query', own);
        return (body.data as { result: unknown[] }).result;
      };
      expect(await results('/prometheus')).toHaveLength(1);
      expect(await results('/clusters/fleet/prometheus')).toEqual([]);
    } finally {
      await named[Symbol.asyncDispose]();
    }
  });

  it('says a store’s position in the text of the caller, and refuses what reaches further', async () => {
    const claims = { clusters: [cluster, other] };
    const { body } = await ask(claims, '/query', [['query', 'up + bool up']]);
    expect(body.error).toContain('1:4: parse error');
    expect((await ask(claims, '/query', [['query', 'info(up)']])).status).toBe(422);
    const wrong = await ask({ clusters: 'all' }, '/query', [['query', 'up']]);
    expect([wrong.status, wrong.body.errorType]).toEqual([401, 'unauthorized']);
  });
});
