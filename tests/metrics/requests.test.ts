import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { end, large, small, startClusters } from './support/clusters.js';
import { startCountingProxy } from './support/counting-proxy.js';
import { day, expectNear } from './support/near.js';
import { startService } from './support/service.js';

let store: Awaited<ReturnType<typeof startClusters>>;

beforeAll(async () => {
  store = await startClusters();
}, 180_000);

afterAll(() => store.stop());

const start = (environment: Record<string, string> = {}) =>
  startService({ prometheus: store.url, now: end, environment });

describe('the number of requests', () => {
  it.each([
    // Some of them are for a cluster in its first hour.
    ['/metrics?metric_type=all&series=true', 24, end],
    ['/metrics?metric_type=all&series=false', 22, end],
    // Between two full steps what is current is asked apart.
    ['/node-metrics', 29, end - 100],
  ])('is the same for 3 nodes and for 300: %s, at most %i', async (path, most, now) => {
    await using proxy = await startCountingProxy(store.url);
    const counts: { store: number; directory: number; nodes: number }[] = [];
    for (const id of [small, large]) {
      await using service = await startService({ prometheus: proxy.url, now });
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

it.each(['/metrics', '/node-metrics'])(
  'of a cluster with more nodes than MAX_NODES end with a 422, which says what to do: %s',
  async (path) => {
    await using service = await start({ MAX_NODES: '10' });
    expect((await service.get(`/clusters/${small}${path}`)).status).toBe(200);
    const { status, body } = await service.get(`/clusters/${large}${path}`);
    expect([status, body.type]).toEqual([422, 'UnprocessableEntityError']);
    expect(body.message).toContain('raise MAX_NODES');
  },
);

describe('node metrics asked for again', () => {
  it('ask neither for hours and steps that are over nor, for a minute, for what seldom changes', async () => {
    await using proxy = await startCountingProxy(store.url);
    // The last full step was two minutes ago.
    await using service = await startService({ prometheus: proxy.url, now: end - 180 });
    const ask = async () => {
      proxy.forms.length = 0;
      const { nodes } = await service.nodeMetrics(small);
      const forms = [...proxy.forms];
      const has = (metric: string) => forms.some((form) => form.get('query')?.includes(metric));
      const ranges = forms.filter(
        (form) => form.has('step') && !form.get('query')?.includes('short'),
      );
      const points = ranges.map((form) => Number(form.get('end')) - Number(form.get('start')));
      return { nodes, points, has, requests: forms.length };
    };
    const first = await ask();
    expect(first.points.some((seconds) => seconds > 0)).toBe(true);
    expect(first.has('kube_node_status_capacity')).toBe(true);
    service.now += 31;
    const again = await ask();
    // The newest hour of bandwidth, of which samples may still come.
    expect(again.points).toEqual([0, 0]);
    expect(again.has('kube_node_status_capacity')).toBe(false);
    expect(again.has('kube_node_status_condition')).toBe(true);
    expect(again.requests).toBeLessThanOrEqual(16);
    expect(again.nodes).toEqual(first.nodes);
    service.now += 31;
    expect((await ask()).has('kube_node_status_capacity')).toBe(true);
  });
});

describe('a cluster of which only some nodes are looked at for how they are scraped', () => {
  it('has the figures of one that is looked at whole', async () => {
    await using service = await start();
    const path = `start=${end - 1800}&end=${end}&series=false`;
    const [few, many] = [await service.metrics(small, path), await service.metrics(large, path)];

    expect(Object.keys(many.nodes)).toHaveLength(300);
    expect(Object.values(many.nodes)[299]!.cpu).toEqual(Object.values(few.nodes)[2]!.cpu);
    for (const name of ['cpu', 'memory', 'storage'] as const)
      expectNear(many.cluster_summary[name]!.average, few.cluster_summary[name]!.average!);
    for (const { nodes, cluster_summary: summary } of [few, many]) {
      const size = Object.keys(nodes).length;
      expectNear(summary.power!.average_watts, 50 * size);
      expectNear(summary.gpu!.utilization_percent, 3);
    }
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
    expect(asked).toBeLessThanOrEqual(22);
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
  }, 120_000);

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
