import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clusterMetricsSchema } from '@bud-monitoring/contracts';
import { end, small, startClusters } from './support/clusters.js';
import { startCountingProxy } from './support/counting-proxy.js';
import { startService } from './support/service.js';

let store: Awaited<ReturnType<typeof startClusters>>;

beforeAll(async () => {
  store = await startClusters();
}, 180_000);

afterAll(() => store.stop());

describe('a store that fails', () => {
  it('is 503 with the envelope when it is down, and never zeros', async () => {
    await using service = await startService({ prometheus: 'http://127.0.0.1:9', now: end });
    service.directory.known = [{ id: 'x', name: 'listed', internalIp: null, devices: [] }];
    for (const path of ['metrics', 'node-metrics']) {
      const { status, headers, body } = await service.get(`/clusters/${small}/${path}`);
      expect(status).toBe(503);
      expect(body).toMatchObject({ object: 'error', code: 503, type: 'ServiceUnavailableError' });
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect(JSON.stringify(body)).not.toContain('127.0.0.1');
    }
  });

  it('leaves the last good answer for five minutes, marked', async () => {
    await using proxy = await startCountingProxy(store.url);
    await using service = await startService({ prometheus: proxy.url, now: end });
    for (const path of ['metrics', 'node-metrics']) {
      const url = `/clusters/${small}/${path}`;
      proxy.refuse = () => false;
      const good = await service.get(url);
      proxy.refuse = () => true;
      service.now += 31;
      const stale = await service.get(url);
      expect(stale.status).toBe(200);
      expect(['x-cache', 'age', 'warning'].map((name) => stale.headers.get(name))).toEqual([
        'stale',
        '31',
        '110 - "Response is Stale"',
      ]);
      const dataOf = (body: unknown) => (body as { data: { warnings: { code: string }[] } }).data;
      const { warnings, ...figures } = dataOf(stale.body);
      expect(warnings[0]).toMatchObject({ code: 'stale' });
      expect({ ...figures, warnings: warnings.slice(1) }).toEqual(dataOf(good.body));
      service.now += 331;
      expect((await service.get(url)).status).toBe(502);
    }
  });

  it('reports no node as new or as silent when it could not answer for it', async () => {
    for (const part of ['offset', 'max without']) {
      await using proxy = await startCountingProxy(store.url);
      await using service = await startService({ prometheus: proxy.url, now: end - 100 });
      const good = await service.nodeMetrics(small);
      proxy.refuse = (_path, body) =>
        new URLSearchParams(body).get('query')?.includes(part) === true;
      service.now += 31;
      const { nodes, warnings } = await service.nodeMetrics(small);
      // The store's samples go on after the time that this service takes for now.
      const codes = warnings.map(({ code }) => code);
      expect(codes.filter((code) => code !== 'samples_from_future')).toEqual([
        'query_failed',
        'bud_cluster_unknown',
      ]);
      for (const [key, { cpu }] of Object.entries(nodes)) {
        expect([good.nodes[key]!.cpu.usage_percent, null]).toContain(cpu.usage_percent);
      }
    }
  });

  it('is asked once more for what ran out of time beside everything else', async () => {
    await using proxy = await startCountingProxy(store.url);
    const environment = { PROMETHEUS_TIMEOUT: '1s' };
    await using service = await startService({ prometheus: proxy.url, now: end, environment });
    const isOfCores = () => proxy.forms.at(-1)?.get('query')?.includes('cpu:samples') === true;
    let late = 0;
    proxy.wait = async () => {
      if (!isOfCores() || late > 0) return;
      late += 1;
      await setTimeout(1500);
    };
    const { nodes, warnings } = await service.metrics(small, 'time_range=10min&series=false');
    expect(late).toBe(1);
    expect(warnings.map(({ code }) => code)).not.toContain('query_failed');
    for (const { cpu } of Object.values(nodes)) expect(cpu!.average).toEqual(expect.any(Number));
  });

  it('is an error of a cluster whose nodes could not be asked for, not nodes that are silent', async () => {
    await using proxy = await startCountingProxy(store.url);
    await using service = await startService({ prometheus: proxy.url, now: end });
    proxy.refuse = (_path, body) => body.includes('replicas');
    const { status, body } = await service.get(`/clusters/${small}/metrics?time_range=10min`);
    expect([status, body.type]).toEqual([502, 'PrometheusQueryError']);
    proxy.refuse = () => false;
    const { coverage } = await service.metrics(small, 'time_range=10min');
    expect(coverage).toMatchObject({ nodes_expected: 3, nodes_reporting: 3 });
  });

  it.each([`metrics?start=${end - 3000}&end=${end - 600}&step=60&series=true`, 'node-metrics'])(
    'gives right figures or an error, whenever it goes away: %s',
    async (path) => {
      await using proxy = await startCountingProxy(store.url);
      const url = `/clusters/${small}/${path}`;
      const answerOf = async (requests: number) => {
        await using service = await startService({ prometheus: proxy.url, now: end });
        proxy.away = false;
        const until = proxy.requests.length + requests;
        proxy.refuse = () => {
          proxy.away ||= proxy.requests.length >= until;
          return false;
        };
        const { status, body } = await service.get(url);
        return { status, nodes: (body.data as { nodes?: unknown } | undefined)?.nodes };
      };
      const before = proxy.requests.length;
      const good = await answerOf(Infinity);
      expect(good.status).toBe(200);
      const total = proxy.requests.length - before;
      for (let requests = 1; requests < total; requests += 2) {
        const answer = await answerOf(requests);
        expect([{ status: 503, nodes: undefined }, good]).toContainEqual(answer);
      }
    },
    120_000,
  );

  it('costs the figures it could not answer and no others', async () => {
    await using proxy = await startCountingProxy(store.url);
    proxy.refuse = (_path, body) =>
      body.includes('node_cpu_seconds_total') && !body.includes('alone%3A');
    await using service = await startService({ prometheus: proxy.url, now: end });
    for (const times of [1, 2]) {
      const { status, headers, body } = await service.get(
        `/clusters/${small}/metrics?series=false`,
      );
      expect([status, headers.get('x-cache'), times]).toEqual([200, 'miss', times]);
      const data = clusterMetricsSchema.parse(body.data);
      expect(data.cluster_summary.cpu).toMatchObject({ usage_percent: null, average: null });
      expect(data.cluster_summary.memory).toMatchObject({ usage_percent: 75, average: 75 });
      expect(data.warnings).toContainEqual(expect.objectContaining({ code: 'query_failed' }));
    }
  });

  it('is an error when only what is remembered of the past is left', async () => {
    await using proxy = await startCountingProxy(store.url);
    const environment = { METRICS_CACHE_TTL_SECONDS: '0', STALE_ANSWERS_FOR: '0s' };
    await using service = await startService({ prometheus: proxy.url, now: end, environment });
    const paths = [
      'metrics?time_range=today&series=false',
      'metrics?time_range=10min',
      'node-metrics',
    ];
    for (const path of paths)
      expect((await service.get(`/clusters/${small}/${path}`)).status).toBe(200);
    proxy.refuse = (path) => path.includes('query');
    for (const path of paths)
      expect((await service.get(`/clusters/${small}/${path}`)).status).toBe(502);
  });

  it('is an error when nothing is left', async () => {
    await using proxy = await startCountingProxy(store.url);
    proxy.refuse = (path, body) => path.includes('query') && !body.includes('short%3A');
    await using service = await startService({ prometheus: proxy.url, now: end });
    const { status, body } = await service.get(`/clusters/${small}/metrics`);
    expect([status, body.type]).toEqual([502, 'PrometheusQueryError']);
  });
});
