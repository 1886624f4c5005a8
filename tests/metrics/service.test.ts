import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clusterMetricsSchema, nodeMetricsSchema } from '@bud-monitoring/contracts';
import { constant, ramp, series } from '../../stack/src/fleet/index.js';
import { startCountingProxy } from './support/counting-proxy.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { day } from './support/near.js';
import { startService } from './support/service.js';
import { startStore } from './support/store.js';

const small = '0f000000-0000-4000-8000-000000000003';
const large = '0f000000-0000-4000-8000-000000000300';
const strange = '0f000000-0000-4000-8000-000000000009';
const nobody = '0f000000-0000-4000-8000-0000000000ff';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 3600, interval: 60 };

function cluster(id: string, nodes: number) {
  return Array.from({ length: nodes }, (_, index) => {
    const ip = `10.${nodes >> 8}.${index >> 8}.${index & 255}`;
    const instance = `${ip}:9100`;
    const labels = { cluster: id, job: 'node-exporter', instance };
    return [
      ...nodeSeries(labels, { nodename: `n-${index}`, cores: 1 }),
      ...kubernetesNode(id, { name: `n-${index}`, ip }),
      series('kepler_node_package_joules_total', { cluster: id, instance: `n-${index}` }, ramp(50)),
      series(
        'DCGM_FI_DEV_GPU_UTIL',
        { cluster: id, Hostname: `n-${index}`, UUID: `u-${index}` },
        constant(3),
      ),
      series(
        'kube_pod_info',
        { cluster: id, namespace: 'x', pod: `p-${index}`, node: `n-${index}` },
        constant(1),
      ),
      series('node_network_receive_errs_total', { ...labels, device: 'eth0' }, ramp(1)),
    ];
  }).flat();
}

let store: Awaited<ReturnType<typeof startStore>>;

beforeAll(async () => {
  const all = [
    ...cluster(small, 3),
    ...cluster(large, 300),
    series('some_other_metric', { cluster: strange }, constant(1)),
  ];
  store = await startStore([{ ...sampled, end, series: all }]);
}, 180_000);

afterAll(() => store.stop());

const start = (environment: Record<string, string> = {}) =>
  startService({ prometheus: store.url, now: end, environment });

describe('the number of requests', () => {
  it.each([
    ['/metrics?metric_type=all&series=true', 20],
    ['/metrics?metric_type=all&series=false', 20],
    ['/node-metrics', 20],
  ])('is the same for 3 nodes and for 300: %s', async (path, most) => {
    await using proxy = await startCountingProxy(store.url);
    const counts: { store: number; directory: number; nodes: number }[] = [];
    for (const id of [small, large]) {
      await using service = await startService({ prometheus: proxy.url, now: end });
      proxy.requests.length = 0;
      const { status, body } = await service.get(`/clusters/${id}${path}`);
      expect(status).toBe(200);
      const nodes = Object.keys((body.data as { nodes: object }).nodes).length;
      counts.push({ store: proxy.requests.length, directory: service.directory.calls, nodes });
    }
    expect(counts.map(({ nodes }) => nodes)).toEqual([3, 300]);
    expect(counts[1]!.store).toBe(counts[0]!.store);
    expect(counts[1]!.directory).toBe(counts[0]!.directory);
    expect(counts[0]!.store).toBeLessThanOrEqual(most);
    expect(counts[0]!.store).toBeGreaterThan(0);
  });
});

describe('the wire', () => {
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

  it('holds only what was asked for', async () => {
    await using service = await start();
    const keys = async (type: string) => {
      const { nodes, cluster_summary: summary } = await service.metrics(
        small,
        `metric_type=${type}`,
      );
      return [Object.keys(Object.values(nodes)[0]!), Object.keys(summary)];
    };
    expect(await keys('memory')).toEqual([['hostname', 'memory'], ['memory']]);
    expect(await keys('disk')).toEqual([['hostname', 'storage'], ['storage']]);
    expect(await keys('storage')).toEqual([['hostname', 'storage'], ['storage']]);
    const network = ['network_in', 'network_out', 'network_bandwidth'];
    expect(await keys('network')).toEqual([['hostname', ...network], network]);
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
    expect([status, body]).toMatchObject([400, { details: [{ field: 'cluster_id' }] }]);
  });
});

describe('whether a cluster exists', () => {
  const statusOf = async (service: Awaited<ReturnType<typeof start>>, id: string) => {
    const replies = await Promise.all(
      ['metrics', 'node-metrics'].map((path) => service.get(`/clusters/${id}/${path}`)),
    );
    return replies.map(({ status }) => status);
  };
  const event = (time: string, data: object) => ({ specversion: '1.0', id: 'x', time, data });

  it('is known by any series in the store, by bud-cluster or by an event', async () => {
    await using service = await start();
    expect(await statusOf(service, nobody)).toEqual([404, 404]);
    expect(await statusOf(service, strange)).toEqual([200, 200]);
    service.directory.known = [{ id: 'x', name: 'listed', internalIp: null, devices: [] }];
    expect(await statusOf(service, nobody)).toEqual([200, 200]);
    service.directory.known = [];
    expect(await statusOf(service, '0f000000-0000-4000-8000-0000000000fe')).toEqual([404, 404]);
    const created = event('2026-03-10T10:00:00Z', {
      cluster_id: '0F000000-0000-4000-8000-0000000000FE',
      name: 'new',
    });
    expect((await service.deliver('/events/cluster-created', created)).body).toEqual({
      status: 'SUCCESS',
    });
    expect(await statusOf(service, '0f000000-0000-4000-8000-0000000000fe')).toEqual([200, 200]);
  });

  it('ends with its deletion, whatever is still stored or kept', async () => {
    await using service = await start();
    expect(await statusOf(service, small)).toEqual([200, 200]);
    const deliver = (kind: string, time: string) =>
      service.deliver(`/events/cluster-${kind}`, event(time, { cluster_id: small }));
    await deliver('deleted', '2026-03-10T10:00:00Z');
    expect(await statusOf(service, small)).toEqual([404, 404]);
    await deliver('created', '2026-03-10T09:59:59Z');
    await deliver('created', '2026-03-10T10:00:00Z');
    expect(await statusOf(service, small)).toEqual([404, 404]);
    await deliver('created', '2026-03-10T10:00:01Z');
    expect(await statusOf(service, small)).toEqual([200, 200]);
  });

  it('cannot be said while bud-cluster cannot be asked', async () => {
    await using service = await start();
    service.directory.down = true;
    const { status, headers, body } = await service.get(`/clusters/${nobody}/metrics`);
    expect([status, body.type]).toEqual([503, 'ServiceUnavailableError']);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await statusOf(service, small)).toEqual([200, 200]);
  });
});

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

  it('costs the figures it could not answer and no others', async () => {
    await using proxy = await startCountingProxy(store.url);
    proxy.refuse = (_path, body) =>
      body.includes('node_cpu_seconds_total') && !body.includes('short%3A');
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

  it('is an error when nothing is left', async () => {
    await using proxy = await startCountingProxy(store.url);
    proxy.refuse = (path, body) => path.includes('query') && !body.includes('short%3A');
    await using service = await startService({ prometheus: proxy.url, now: end });
    const { status, body } = await service.get(`/clusters/${small}/metrics`);
    expect([status, body.type]).toEqual([502, 'PrometheusQueryError']);
  });
});

describe('answers that are kept', () => {
  it('are reused for the configured time, marked, and one set of requests for all who wait', async () => {
    await using proxy = await startCountingProxy(store.url);
    await using service = await startService({ prometheus: proxy.url, now: end });
    const path = `/clusters/${small}/metrics?series=false`;
    const together = await Promise.all(Array.from({ length: 200 }, () => service.get(path)));
    expect(new Set(together.map(({ status }) => status))).toEqual(new Set([200]));
    const asked = proxy.requests.length;
    expect(asked).toBeLessThanOrEqual(20);
    service.now += 29;
    const kept = await service.get(path);
    expect([kept.headers.get('x-cache'), kept.headers.get('age')]).toEqual(['hit', '29']);
    expect(proxy.requests).toHaveLength(asked);
    service.now += 2;
    expect((await service.get(path)).headers.get('x-cache')).toBe('miss');
    expect(proxy.requests.length).toBeGreaterThan(asked);
  });

  it('are told apart by all that changes them, and by cluster above all', async () => {
    await using service = await start();
    const queries = [
      '',
      '?time_range=10min',
      '?metric_type=cpu',
      '?series=false',
      '?series=columns',
      '?node=n-1',
      '?node=n-2',
      `?start=${end - day}`,
    ];
    const paths = [small, large].flatMap((id) =>
      queries.map((query) => `/clusters/${id}/metrics${query}`),
    );
    for (const path of [...paths, `/clusters/${small}/node-metrics`]) {
      expect([path, (await service.get(path)).headers.get('x-cache')]).toEqual([path, 'miss']);
    }
    for (const path of paths) {
      expect([path, (await service.get(path)).headers.get('x-cache')]).toEqual([path, 'hit']);
    }
    const { body } = await service.get(`/clusters/${large}/metrics?node=n-1`);
    expect((body.data as { cluster_id: string }).cluster_id).toBe(large);
  });

  it('are not those of which a part was missing', async () => {
    await using service = await start();
    service.directory.down = true;
    for (const path of ['metrics', 'node-metrics']) {
      await service.get(`/clusters/${small}/${path}`);
      expect((await service.get(`/clusters/${small}/${path}`)).headers.get('x-cache')).toBe('miss');
    }
  });

  it('begin anew with the day', async () => {
    await using service = await startService({ prometheus: store.url, now: end + day / 2 - 5 });
    await service.metrics(small, 'series=false');
    service.now += 10;
    const { window } = await service.metrics(small, 'series=false');
    expect(window).toMatchObject({ start: end + day / 2, end: end + day / 2 + 5 });
  });

  it('can be switched off', async () => {
    await using service = await start({ METRICS_CACHE_TTL_SECONDS: '0' });
    await service.metrics(small);
    expect((await service.get(`/clusters/${small}/metrics`)).headers.get('x-cache')).toBe('miss');
  });
});

describe('what is around', () => {
  it('describes itself and says how the stack is', async () => {
    await using service = await start();
    const document = (await service.get('/openapi.json')).body as unknown as { paths: object };
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/clusters/{cluster_id}/metrics',
        '/clusters/{cluster_id}/node-metrics',
        '/clusters/{cluster_id}/node-events/{node}',
      ]),
    );
    expect((await service.get('/health')).status).toBe(200);
    expect((await service.get('/ready')).status).toBe(200);
    const { status, body } = await service.get('/health/stack');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      prometheus: { status: 'healthy', details: { metrics_count: expect.any(Number) as unknown } },
      grafana: { status: 'unknown' },
      metrics_collection: { status: 'unknown' },
      'bud-cluster': { status: 'healthy' },
      sidecar: { status: 'healthy' },
    });
  });

  it('passes the events of a node on', async () => {
    await using service = await start();
    const { status, body } = await service.get(`/clusters/${small}/node-events/n-1`);
    expect([status, body.data]).toEqual([200, { node: 'n-1', events: [] }]);
    expect((await service.get(`/clusters/${small}/node-events/..%2Fnodes`)).status).toBe(400);
    service.directory.down = true;
    expect((await service.get(`/clusters/${small}/node-events/n-1`)).status).toBe(503);
  });

  it('drops events that can never be used, and takes deliveries of the sidecar only', async () => {
    await using service = await start();
    for (const event of ['text', {}, { data: { cluster_id: 'east' } }]) {
      const { body } = await service.deliver('/events/cluster-created', event);
      expect(body).toEqual({ status: 'DROP' });
    }
    const forged = await fetch(`${service.url}/events/cluster-deleted`, {
      method: 'POST',
      body: '{}',
    });
    expect(forged.status).toBe(403);
  });
});
