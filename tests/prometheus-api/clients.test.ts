import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrometheusDriver } from 'prometheus-query';
import type { TestService } from '../metrics/support/service.js';
import { apiOf, call, type Pairs } from './support/call.js';
import { jwtEnvironment, startNow } from './support/service.js';
import { cluster, end, other, start, startFleetStore, versions } from './support/store.js';
import type { FleetStore } from './support/store.js';

const run = promisify(execFile);

describe.each(versions)('in front of Prometheus (%s)', (version) => {
  let store: FleetStore;
  let service: TestService;
  let url: string;
  let headers: Record<string, string>;
  beforeAll(async () => {
    store = await startFleetStore(version);
    service = await startNow(store.url, jwtEnvironment(store.stack));
    url = apiOf(service.url);
    const claims = { permissions: ['cluster:view'], clusters: [cluster] } as const;
    headers = { authorization: `Bearer ${await store.stack.identity.mintToken(claims)}` };
  }, 300_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  describe('promtool', () => {
    let open: TestService;
    let api: string;
    let flags: string[] = [];
    beforeAll(async () => {
      // promtool 2.42 can send no token.
      open = await startNow(store.url);
      api = version === '3' ? url : apiOf(open.url);
      if (version === 'system') return;
      const file = join(store.stack.directory, 'http.yml');
      const credentials = headers['authorization']?.replace('Bearer ', '') ?? '';
      await writeFile(file, JSON.stringify({ authorization: { credentials } }));
      flags = [`--http.config.file=${file}`];
    });
    afterAll(async () => open[Symbol.asyncDispose]());

    const lines = async (kind: string, ...args: string[]): Promise<string[]> => {
      const { stdout } = await run(store.promtool, ['query', kind, ...args]);
      return stdout.trim().split('\n').sort();
    };
    const query = (kind: string, ...args: string[]) => lines(kind, ...flags, ...args);
    const span = [`--start=${start + 600}`, `--end=${start + 900}`];
    const scoped = `count by (cluster, mode) (temp{cluster="${cluster}"})`;

    it('asks for an instant', async () => {
      const time = `--time=${end - 600}`;
      const told = await query('instant', time, api, 'count by (cluster, mode) (temp)');
      expect(told).toEqual(await lines('instant', time, store.url, scoped));
      expect(told).toHaveLength(2);
    });

    it('asks for a range', async () => {
      const told = await query(
        'range',
        ...span,
        '--step=60s',
        api,
        'count by (cluster, mode) (temp)',
      );
      expect(told).toEqual(await lines('range', ...span, '--step=60s', store.url, scoped));
      expect(told).toHaveLength(14);
    });

    it('asks for series', async () => {
      const told = await query('series', ...span, '--match=up', '--match=fleet_size', api);
      expect(told).toHaveLength(4);
      expect(told.filter((line) => line.includes(`cluster="${cluster}"`))).toHaveLength(4);
    });

    it('asks for the values of a label', async () => {
      const told = await query('labels', ...span, api, 'version');
      expect(told).toEqual(['v2.i1', 'v2.i2', 'v2.i3']);
    });

    it('shows a refusal and its reason', async () => {
      const asked = query('instant', api, `up{cluster="${other}"}`);
      await expect(asked).rejects.toThrow(/execution: .*cluster/);
    });
  });

  describe('prometheus-query', () => {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as its readme shows it
    const driver = () => new PrometheusDriver({ endpoint: url, baseURL: '/api/v1', headers });

    it('reads instants, ranges, series, labels and their values', async () => {
      const prometheus = driver();
      const instant = await prometheus.instantQuery('count(up)', new Date((end - 600) * 1000));
      expect(instant).toMatchObject({ resultType: 'vector', result: [{ value: { value: 3 } }] });
      const [from, to] = [new Date(start * 1000), new Date(end * 1000)];
      const range = await prometheus.rangeQuery('vector(3)', from, to, 600);
      const rows = range.result as { values: { value: number }[] }[];
      expect(rows[0]?.values.map(({ value }) => value)).toEqual([3, 3, 3, 3, 3, 3, 3]);
      const series = await prometheus.series(['up', 'only_elsewhere'], from, to);
      expect(series.map(({ labels }) => labels)).toEqual(
        ['i1', 'i2', 'i3'].map((instance) => expect.objectContaining({ cluster, instance })),
      );
      expect(await prometheus.labelNames()).toContain('mode');
      expect(await prometheus.labelValues('cluster')).toEqual([cluster]);
    });

    it('reads rules, alerts and metadata', async () => {
      const prometheus = driver();
      const groups = await prometheus.rules();
      expect(groups.map(({ name }) => name)).toEqual([`of ${cluster}`]);
      expect(await prometheus.alerts()).toHaveLength(1);
      expect(Object.keys((await prometheus.metadata()) as object)).toEqual(['jobs_done']);
    });

    it('reads what is wrong with a query', async () => {
      await expect(driver().instantQuery('sum(')).rejects.toMatchObject({
        prometheus: { status: 'error', errorType: 'bad_data' },
      });
    });
  });

  describe("Grafana's data source", () => {
    // What its backend sends: forms, times with a fraction, its own headers.
    const grafana = () => ({
      ...headers,
      'X-Grafana-Org-Id': '1',
      'X-Grafana-From-Expr': 'true',
      'X-Datasource-Uid': 'prometheus',
      'X-Dashboard-Uid': cluster,
      'X-Panel-Id': '2',
      'User-Agent': 'Grafana/11.6.0',
      'Accept-Encoding': 'gzip',
    });
    const post = (path: string, own: Pairs) =>
      call(url, path, own, { method: 'POST', headers: grafana() });
    const get = (path: string, own: Pairs = []) => call(url, path, own, { headers: grafana() });

    it('is healthy', async () => {
      const { status, body } = await post('/query', [
        ['query', '1+1'],
        ['time', '4'],
      ]);
      expect([status, body.data]).toEqual([200, { resultType: 'scalar', result: [4, '2'] }]);
      expect((await get('/status/buildinfo')).body.status).toBe('success');
    });

    it('draws a panel, with the classic and the native histogram', async () => {
      const span: Pairs = [
        ['start', `${start + 600}`],
        ['end', `${start + 900}`],
        ['step', '15'],
      ];
      for (const query of ['sum(rate(reqs_total{mode=~".*"}[1m0s]))', 'nlat{instance="i1"}']) {
        const { status, body } = await post('/query_range', [['query', query], ...span]);
        const { resultType, result } = body.data as { resultType: string; result: unknown[] };
        expect([status, resultType, result.length]).toEqual([200, 'matrix', 1]);
      }
    });

    it('fills its query builder', async () => {
      const span: Pairs = [
        ['start', String(start)],
        ['end', String(end)],
      ];
      const names = await get('/label/__name__/values', [...span, ['match[]', '{job="api"}']]);
      expect(names.body.data).toContain('temp');
      const labels = await post('/labels', [...span, ['match[]', 'temp'], ['limit', '40000']]);
      expect(labels.body.data).toEqual([
        '__name__',
        'cluster',
        'instance',
        'job',
        'mode',
        'namespace',
      ]);
      const series = await post('/series', [...span, ['match[]', 'up'], ['limit', '40000']]);
      expect(series.body.data).toHaveLength(3);
      const metadata = await get('/metadata', [['limit', '5000']]);
      expect(Object.keys(metadata.body.data as object)).toEqual(['jobs_done']);
    });

    it('asks for exemplars, rules and alerts', async () => {
      const now = Date.now() / 1000;
      const own: Pairs = [
        ['query', 'jobs_done_total'],
        ['start', String(now - 60)],
        ['end', String(now + 60)],
      ];
      const exemplars = await post('/query_exemplars', own);
      expect(exemplars.body.data).toHaveLength(1);
      expect((await get('/rules')).body.data).toMatchObject({
        groups: [{ name: `of ${cluster}` }],
      });
      expect((await get('/alerts')).status).toBe(200);
    });

    it('learns by a 404 in the form of Prometheus what is not offered', async () => {
      for (const path of ['/status/flags', '/features', '/query_exemplars/none']) {
        const { status, body } = await get(path);
        expect([status, body.status, body.errorType]).toEqual([404, 'error', 'not_found']);
      }
    });
  });
});
