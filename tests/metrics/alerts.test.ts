import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  Alert,
  AlertList,
  ClusterThresholds,
  FleetAlertList,
} from '@bud-monitoring/contracts';
import { constant, ramp, series, steps, type KnownSeries } from '../../stack/src/fleet/index.js';
import { startCountingProxy, type CountingProxy } from './support/counting-proxy.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { gib } from './support/near.js';
import { startService, type TestService } from './support/service.js';
import { createTestSidecar, type TestSidecar } from './support/sidecar.js';
import { startStore } from './support/store.js';

const hot = '0a1e0000-0000-4000-8000-000000000001';
const calm = '0a1e0000-0000-4000-8000-000000000002';
const fading = '0a1e0000-0000-4000-8000-000000000003';
const rare = '0a1e0000-0000-4000-8000-000000000004';
const bare = '0a1e0000-0000-4000-8000-000000000005';

const start = Date.parse('2026-03-10T10:00:00Z') / 1000;
const end = start + 2 * 3600;
/** When the evaluation begins, and the hot node cools down. */
const begin = start + 1800;
const cooling = 3600;

const labels = (cluster: string, name: string, job = 'node-exporter') => ({
  ...{ cluster, job },
  instance: `${name}:9100`,
});

/** Busy with 95 % of each core for an hour, then with 20 %. */
const heat = (elapsed: number) =>
  elapsed < cooling ? 0.95 * elapsed : 0.95 * cooling + 0.2 * (elapsed - cooling);

function errors(own: Record<string, string>, device: string, received: number, sent: number) {
  return [
    series('node_network_receive_errs_total', { ...own, device }, ramp(received)),
    series('node_network_transmit_errs_total', { ...own, device }, ramp(sent)),
  ];
}

const hotLabels = labels(hot, 'oven');
const hotSeries = [
  ...nodeSeries(hotLabels, { nodename: 'oven', busy: heat, free: constant(2 * gib) }),
  // Scraped by a second job too.
  ...nodeSeries(labels(hot, 'oven', 'second'), {
    ...{ nodename: 'oven', busy: heat, free: constant(2 * gib) },
  }),
  ...errors(hotLabels, 'eth0', 1.5, 1),
  ...errors(labels(hot, 'oven', 'second'), 'eth0', 1.5, 1),
  // A device that does not count.
  ...errors(hotLabels, 'veth12', 99, 99),
  // A file system that is not the root.
  series(
    'node_filesystem_size_bytes',
    { ...hotLabels, mountpoint: '/data', device: '/dev/vdb' },
    constant(gib),
  ),
  series(
    'node_filesystem_avail_bytes',
    { ...hotLabels, mountpoint: '/data', device: '/dev/vdb' },
    constant(1),
  ),
  ...kubernetesNode(hot, { name: 'oven', ip: '10.0.0.9', ready: 'unknown' }),
];

/** The same instance in another cluster. */
const calmSeries = [
  ...nodeSeries(labels(calm, 'oven'), { nodename: 'oven', busy: ramp(0.2) }),
  ...errors(labels(calm, 'oven'), 'eth0', 0.1, 0.1),
  ...kubernetesNode(calm, { name: 'oven', ip: '10.0.0.9' }),
];

/** Falls silent ten minutes after the evaluation began. */
const silence = begin - start + 600;
const fadingSeries = nodeSeries(labels(fading, 'lamp'), {
  ...{ nodename: 'lamp', busy: ramp(0.95) },
  alive: (elapsed) => elapsed <= silence,
});

/** Scraped every five minutes only. */
const rareSeries = nodeSeries(labels(rare, 'snail'), { nodename: 'snail', busy: ramp(0.95) });

/** Known to Kubernetes alone, and ready from half an hour after the evaluation began on. */
const bareSeries: KnownSeries[] = kubernetesNode(bare, { name: 'k-one', ip: '10.7.7.7' })
  .filter(({ name }) => name === 'kube_node_info')
  .concat(
    ['true', 'false', 'unknown'].map((status) =>
      series(
        'kube_node_status_condition',
        { cluster: bare, node: 'k-one', condition: 'Ready', status },
        steps([
          [0, status === 'false' ? 1 : 0],
          [begin - start + 1800, status === 'true' ? 1 : 0],
        ]),
      ),
    ),
  );

/** Series that belong to nobody we know: no id, and an id in other letters. */
const strayLabels = ['production', 'ABCDEF00-0000-4000-8000-000000000006', ''];
const straySeries = strayLabels.flatMap((cluster) =>
  nodeSeries(labels(cluster, 'stray'), { busy: ramp(0.95) }),
);

let store: Awaited<ReturnType<typeof startStore>>;
let proxy: CountingProxy;
let sidecar: TestSidecar;
let service: TestService;

beforeAll(async () => {
  const own = [...hotSeries, ...calmSeries, ...fadingSeries, ...bareSeries, ...straySeries];
  store = await startStore([
    { start, end, interval: 30, series: own },
    { start, end, interval: 300, series: rareSeries },
  ]);
  proxy = await startCountingProxy(store.url);
}, 120_000);

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await store.stop();
});

beforeEach(async () => {
  sidecar = createTestSidecar();
  service = await startService({ prometheus: proxy.url, now: begin, dapr: sidecar.dapr });
});

afterEach(async () => {
  proxy.refuse = () => false;
  await service[Symbol.asyncDispose]();
});

/** Ticks once a minute, `minutes` times. */
async function evaluate(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    const { status } = await service.deliver('/evaluate-alerts', {});
    expect(status).toBe(200);
    service.now += 60;
  }
}

async function alertsOf(cluster: string): Promise<AlertList> {
  const { body } = await service.get(`/clusters/${cluster}/alerts`);
  expect(body.object).toBe('cluster.alerts');
  return body.data as AlertList;
}

const find = ({ alerts }: AlertList, metric: Alert['metric']) =>
  alerts.find((alert) => alert.metric === metric);

describe('alerts of a fleet in a real Prometheus', () => {
  it('are listed over all clusters, by state, severity, metric and cluster', async () => {
    await service.deliver('/events/cluster-created', {
      data: { cluster_id: hot, name: 'kitchen' },
    });
    await evaluate(7);
    const list = async (query: string) => {
      const { status, body } = await service.get(`/alerts${query}`);
      expect([query, status, body.object]).toEqual([query, 200, 'alerts']);
      return body.data as FleetAlertList;
    };
    const all = await list('');
    expect(new Set(all.alerts.map(({ cluster_id }) => cluster_id))).toContain(hot);
    expect(new Set(all.alerts.map(({ cluster_id }) => cluster_id)).size).toBeGreaterThan(1);
    expect(new Set(all.alerts.map(({ id }) => id)).size).toBe(all.total);
    const own = all.alerts.filter(({ cluster_id }) => cluster_id === hot);
    expect((await alertsOf(hot)).alerts).toEqual(own);
    expect(own[0]).toMatchObject({ cluster_name: 'kitchen' });

    const filtered = await list('?metric=cpu_usage&severity=critical&state=firing');
    expect(filtered.alerts.length).toBeGreaterThan(0);
    expect(filtered.alerts).toEqual(
      all.alerts.filter(
        ({ metric, severity, state }) =>
          metric === 'cpu_usage' && severity === 'critical' && state === 'firing',
      ),
    );
    expect((await list(`?cluster_id=${hot}`)).alerts).toEqual(own);
    expect((await list('?state=resolved')).total).toBe(0);

    const paged: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: FleetAlertList = await list(`?limit=2${next === '' ? '' : `&cursor=${next}`}`);
      paged.push(...page.alerts.map(({ id }) => id));
      next = page.next;
    }
    expect(paged).toEqual(all.alerts.map(({ id }) => id));
  });

  it('have the values and thresholds that follow from the samples', async () => {
    await evaluate(1);
    const { alerts, evaluated_at, warnings } = await alertsOf(hot);
    const pending = {
      ...{ state: 'pending', since: begin, node: 'oven:9100', hostname: 'oven' },
      ...{ id: expect.any(String) as unknown, cluster_id: hot, cluster_name: hot },
    };
    expect(alerts).toEqual(
      expect.arrayContaining([
        {
          ...{ ...pending, metric: 'cpu_usage', severity: 'critical', threshold: 90, value: 95 },
          message: 'CPU usage of oven: 95 %, at or above 90 %',
        },
        {
          ...{ ...pending, metric: 'memory_usage', severity: 'warning', threshold: 80 },
          ...{ value: 87.5, message: 'Memory usage of oven: 87.5 %, at or above 80 %' },
        },
        {
          ...{ ...pending, metric: 'network_errors', severity: 'warning', threshold: 100 },
          ...{
            value: 150,
            message: 'Network errors of oven: 150 a minute, at or above 100 a minute',
          },
        },
        {
          ...{ ...pending, metric: 'node_not_ready', severity: 'critical', threshold: 1 },
          // Its name in Kubernetes and its kernel's are the same, so its key is the exporter's.
          ...{ value: 1, message: 'Node oven is not ready' },
        },
      ]),
    );
    expect(alerts).toHaveLength(4);
    expect({ evaluated_at, warnings }).toEqual({ evaluated_at: begin, warnings: [] });
    expect((await alertsOf(calm)).alerts).toEqual([]);
    expect((await alertsOf(bare)).alerts).toMatchObject([{ node: '10.7.7.7', hostname: 'k-one' }]);
  });

  it('fire after five minutes, and tell each change once', async () => {
    await evaluate(8);
    const told = sidecar.published
      .map(({ event }) => event)
      .filter(({ cluster_id, metric }) => cluster_id === hot && metric === 'cpu_usage');
    expect(told).toEqual([
      expect.objectContaining({ state: 'pending', previous_state: null, since: begin }),
      expect.objectContaining({ state: 'firing', previous_state: 'pending', since: begin + 300 }),
    ]);
    expect(new Set(sidecar.published.map(({ id }) => id)).size).toBe(sidecar.published.length);
    expect(find(await alertsOf(hot), 'cpu_usage')).toMatchObject({ state: 'firing' });
  });

  it('end when the values say so, with the value that ended them', async () => {
    await evaluate(38);
    expect(find(await alertsOf(hot), 'cpu_usage')).toMatchObject({
      ...{ state: 'resolved', reason: 'recovered' },
    });
    expect(find(await alertsOf(bare), 'node_not_ready')).toMatchObject({
      ...{ state: 'resolved', value: 0, message: 'Node k-one is ready again' },
    });
    const told = sidecar.published.filter(({ event }) => event.cluster_id === hot);
    expect(told.at(-1)?.event).toMatchObject({ metric: 'cpu_usage', state: 'resolved' });
  });

  it('stay as they are while a node is silent, for fifteen minutes', async () => {
    const seen: string[] = [];
    for (let minute = 0; minute < 30; minute += 1) {
      await evaluate(1);
      const cpu = find(await alertsOf(fading), 'cpu_usage');
      seen.push(`${cpu?.state ?? 'none'} ${cpu?.severity ?? ''}`);
    }
    // The rate of a dying node is that of its last samples for five minutes, and must not pass for recovery.
    const firing = seen.slice(5, seen.indexOf('resolved critical'));
    expect(new Set(firing)).toEqual(new Set(['firing critical']));
    expect(firing.length + 5).toBeGreaterThanOrEqual(10 + 15);
    expect(firing.length + 5).toBeLessThanOrEqual(10 + 20);
    expect(find(await alertsOf(fading), 'cpu_usage')).toMatchObject({
      ...{ reason: 'no_data', value: 95, message: 'CPU usage of lamp: there is no data any more' },
    });
  });

  it('are seen in a cluster that is scraped every five minutes only', async () => {
    await evaluate(12);
    expect(find(await alertsOf(rare), 'cpu_usage')).toMatchObject({ state: 'firing', value: 95 });
  });

  it('of a deleted cluster are over', async () => {
    await evaluate(6);
    const time = new Date((begin + 400) * 1000).toISOString();
    await service.deliver('/events/cluster-deleted', { time, data: { cluster_id: hot } });
    sidecar.published.length = 0;
    await evaluate(2);
    expect(sidecar.published.map(({ event }) => [event.cluster_id, event.reason])).toEqual(
      Array.from({ length: 4 }, () => [hot, 'cluster_deleted']),
    );
    expect((await service.get(`/clusters/${hot}/alerts`)).status).toBe(404);
  });

  it('follow the thresholds of their own cluster', async () => {
    const path = `/clusters/${calm}/alert-thresholds`;
    const put = (body: unknown) =>
      fetch(`${service.url}${path}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const refused = await put({ cpu_usage: { warning: 20, critical: 20 } });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      details: [{ field: 'cpu_usage.warning', message: 'warning must be below critical' }],
    });

    expect((await put({ cpu_usage: { warning: 15, critical: 50 } })).status).toBe(200);
    await evaluate(6);
    expect((await alertsOf(calm)).alerts).toMatchObject([
      { metric: 'cpu_usage', state: 'firing', severity: 'warning', value: 20, threshold: 15 },
    ]);
    const { body } = await service.get(path);
    expect(body.data as ClusterThresholds).toMatchObject({
      ...{ cluster_id: calm, overridden: ['cpu_usage'] },
      thresholds: { cpu_usage: { warning: 15, critical: 50 }, disk_usage: { warning: 85 } },
    });

    const deleted = await fetch(`${service.url}${path}`, { method: 'DELETE' });
    expect(await deleted.json()).toMatchObject({
      data: { overridden: [], thresholds: { cpu_usage: { warning: 70, critical: 90 } } },
    });
    await evaluate(1);
    expect((await alertsOf(calm)).alerts).toMatchObject([{ state: 'resolved' }]);
  });

  it('of a metric that the store cannot answer stay, and the list says so', async () => {
    await evaluate(6);
    proxy.refuse = (_path, body) => body.includes('node_cpu_seconds_total');
    await evaluate(20);
    proxy.refuse = () => false;
    const list = await alertsOf(hot);
    expect(find(list, 'cpu_usage')).toMatchObject({ state: 'firing', severity: 'critical' });
    expect(list.warnings).toEqual([
      { code: 'query_failed', message: 'The store could not answer: cpu_usage' },
    ]);
    await evaluate(1);
    expect((await alertsOf(hot)).warnings).toEqual([]);
  });

  it('say how old they are when nobody evaluates them', async () => {
    expect(await alertsOf(hot)).toMatchObject({ evaluated_at: null, alerts: [] });
    await evaluate(1);
    service.now += 300;
    expect((await alertsOf(hot)).warnings).toMatchObject([{ code: 'alerts_old' }]);
  });

  it('are told later, in their order and under the same ids, when the broker was away', async () => {
    sidecar.brokerDown = true;
    await evaluate(7);
    expect(sidecar.published).toEqual([]);
    sidecar.brokerDown = false;
    await evaluate(1);
    const told = sidecar.published.filter(({ event }) => event.cluster_id === hot);
    expect(told.map(({ event }) => event.state)).toEqual([
      ...Array.from({ length: 4 }, () => 'pending'),
      ...Array.from({ length: 4 }, () => 'firing'),
    ]);
    await evaluate(1);
    expect(sidecar.published.filter(({ event }) => event.cluster_id === hot)).toEqual(told);
  });

  it('are known of clusters that exist only', async () => {
    const unknown = '0a1e0000-0000-4000-8000-00000000ffff';
    for (const path of ['alerts', 'alert-thresholds', 'alert-rules']) {
      expect((await service.get(`/clusters/${unknown}/${path}`)).status).toBe(404);
    }
  });

  it('can be had while the store is down', async () => {
    await evaluate(2);
    proxy.refuse = () => true;
    const { status } = await service.get(`/clusters/${hot}/alerts`);
    proxy.refuse = () => false;
    expect(status).toBe(200);
  });

  it('are those of clusters whose label is an id, in small letters or capitals', async () => {
    await evaluate(1);
    const told = new Set<string>(sidecar.published.map(({ event }) => event.cluster_id));
    const capitals = strayLabels[1]!.toLowerCase();
    expect([...told].sort()).toEqual([hot, fading, rare, bare, capitals].sort());
  });

  it('speak of the same figures as the metrics of the cluster', async () => {
    await evaluate(1);
    const { nodes } = await service.metrics(hot, 'time_range=10min&series=false');
    const { cpu, memory } = nodes['oven:9100']!;
    const list = await alertsOf(hot);
    expect(find(list, 'cpu_usage')?.value).toBe(cpu!.usage_percent);
    expect(find(list, 'memory_usage')?.value).toBe(memory!.usage_percent);
  });
});
