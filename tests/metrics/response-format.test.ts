import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clusterMetricsSchema, nodeMetricsSchema } from '@bud-monitoring/contracts';
import { end, large, small, startClusters } from './support/clusters.js';
import { startService } from './support/service.js';

let store: Awaited<ReturnType<typeof startClusters>>;

beforeAll(async () => {
  store = await startClusters();
}, 180_000);

afterAll(() => store.stop());

const start = (environment: Record<string, string> = {}) =>
  startService({ prometheus: store.url, now: end, environment });

describe('the response format', () => {
  it('is what the contract says', async () => {
    await using service = await start();
    for (const query of [
      '',
      'series=columns',
      'series=false&time_range=month',
      'metric_type=storage',
    ]) {
      const data = await service.metrics(small, query);
      expect(clusterMetricsSchema.parse(data)).toEqual(data);
    }
    const data = await service.nodeMetrics(small);
    expect(nodeMetricsSchema.parse(data)).toEqual(data);
  });

  it('has the name of the cluster, and is not sent again to who has it', async () => {
    await using service = await start();
    await service.deliver('/events/cluster-created', { data: { cluster_id: small, name: 'east' } });
    for (const what of ['metrics?metric_type=cpu', 'node-metrics']) {
      const first = await service.get(`/clusters/${small}/${what}`);
      expect(first.body.data).toMatchObject({ cluster_id: small, cluster_name: 'east' });
      const etag = first.headers.get('etag')!;
      const again = await fetch(`${service.url}/clusters/${small}/${what}`, {
        headers: { 'if-none-match': `W/"other", ${etag}` },
      });
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([
        304,
        '',
        etag,
      ]);
      const other = await fetch(`${service.url}/clusters/${small}/${what}`, {
        headers: { 'if-none-match': 'W/"other"' },
      });
      expect(other.status).toBe(200);
    }
  });

  it('tells who is asking', async () => {
    await using service = await start();
    const { status, body } = await service.get('/me');
    expect([status, body.object]).toEqual([200, 'caller']);
    expect(body.data).toMatchObject({ kind: 'anonymous-off', clusters: null, expires_at: null });
  });

  it('holds only what was asked for', async () => {
    await using service = await start();
    const keys = async (type: string) => {
      const { nodes, cluster_summary: summary } = await service.metrics(
        small,
        `metric_type=${type}`,
      );
      return [Object.keys(Object.values(nodes)[0]!), Object.keys(summary)];
    };
    expect(await keys('memory')).toEqual([['node', 'hostname', 'memory'], ['memory']]);
    expect(await keys('disk')).toEqual([['node', 'hostname', 'storage'], ['storage']]);
    expect(await keys('storage')).toEqual([['node', 'hostname', 'storage'], ['storage']]);
    const network = ['network_in', 'network_out', 'network_bandwidth'];
    expect(await keys('network')).toEqual([['node', 'hostname', ...network], network]);
    expect((await keys('all'))[1]).toEqual([
      'memory',
      'cpu',
      'storage',
      ...network,
      'power',
      'gpu',
      'workloads',
    ]);
  });

  it('has series on up to 50 nodes unless told, and none above', async () => {
    await using service = await start();
    const few = await service.metrics(small, 'metric_type=cpu');
    expect(few.cluster_summary.cpu!.time_series).toBeDefined();
    const many = await service.metrics(large, 'metric_type=cpu');
    expect(many.cluster_summary.cpu!.time_series).toBeUndefined();
    expect(many.warnings).toContainEqual(expect.objectContaining({ code: 'series_off' }));
    const asked = await service.metrics(large, 'metric_type=cpu&series=columns');
    expect(asked.cluster_summary.cpu!.time_series).toMatchObject({ step: 300 });
    expect(asked.warnings).toEqual([]);
  });

  it('takes the spelling of the existing frontend', async () => {
    await using service = await start();
    const { time_range, metric_type } = await service.metrics(
      small,
      'filter=10min&metric_type=storage',
    );
    expect([time_range, metric_type]).toEqual(['10min', 'disk']);
  });

  it.each([
    ['time_range=yesterday', 'time_range'],
    ['metric_type=soul', 'metric_type'],
    ['time_range=today&filter=month', 'filter'],
    ['time_range=today&start=1', 'start'],
    ['step=60', 'start'],
    ['start=never', 'start'],
    ['start=2026-02-30T00:00:00Z', 'start'],
    ['start=1773100000&end=1773000000', 'start'],
    ['start=1773000000&end=1773100000&step=1s', 'step'],
    ['start=1773000000&step=soon', 'step'],
    ['series=maybe', 'series'],
    ['colour=blue', 'colour'],
  ])('refuses %s and names the parameter', async (query, field) => {
    await using service = await start();
    const { status, body } = await service.get(`/clusters/${small}/metrics?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ object: 'error', type: 'BadRequestError', details: [{ field }] });
  });

  it('refuses an id that is no UUID', async () => {
    await using service = await start();
    const { status, body } = await service.get('/clusters/east/node-metrics');
    expect(status).toBe(400);
    expect(body).toMatchObject({ details: [{ field: 'cluster_id' }] });
  });
});
