import { randomUUID } from 'node:crypto';
import type { AlertList, Warning } from '@bud-monitoring/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { every, sampledNode } from '../metrics/support/sampled-node.js';
import { startService, type Reply, type TestService } from '../metrics/support/service.js';
import { createTestSidecar } from '../metrics/support/sidecar.js';
import { expectNear } from '../metrics/support/near.js';
import { instantQuery } from '../fleet/instant-query.js';
import { until } from '../prometheus-api/support/until.js';
import { startThanosCluster, type ThanosCluster } from '../support/thanos-cluster.js';

// Samples by remote write, spread by the hashring over two receivers of which one goes down.
const end = Math.floor(Date.now() / 1000);
const from = end - 1800;
const ids = Array.from({ length: 4 }, () => randomUUID());
const stranger = randomUUID();

const series = ids.flatMap((cluster) =>
  ['10.0.0.1', '10.0.0.2'].flatMap((ip) =>
    sampledNode({ cluster, ip, times: [every(30, { from, to: end })] }).map(
      ({ name, labels, values, times = [] }) => ({
        labels: { ...labels, __name__: name },
        samples: times.map((time) => ({
          time: time * 1000,
          value: (values as (elapsed: number, t: number) => number)(time - from, time),
        })),
      }),
    ),
  ),
);

let store: ThanosCluster;
let service: TestService;

async function start(replication: 1 | 2) {
  store = await startThanosCluster({ replication });
  await store.write(0, series.slice(0, series.length / 2));
  await store.write(1, series.slice(series.length / 2));
  // Every few seconds Query asks its stores what they have.
  await until(async () => {
    const [row] = await instantQuery(store.url, 'count(node_memory_MemTotal_bytes)', end);
    return row?.value === 2 * ids.length;
  });
  service = await startService({
    prometheus: store.url,
    now: end,
    environment: { ALERT_CPU_USAGE: '10,90', METRICS_CACHE_TTL_SECONDS: '30' },
    dapr: createTestSidecar().dapr,
  });
}

const stop = async () => {
  await service[Symbol.asyncDispose]();
  await store.stop();
};

const warningsOf = ({ body }: Reply) => (body.data as { warnings: Warning[] }).warnings;
const isMarked = (reply: Reply) => warningsOf(reply).some(({ code }) => code === 'partial');
/** What names a server of the store. */
const servers = /127\.0\.0\.1|rpc error|Addr/;

const paths = (id: string) => [
  `/clusters/${id}/metrics?time_range=10min`,
  `/clusters/${id}/node-metrics`,
  '/clusters?limit=100',
];

const api = (id: string, path: string) => `/clusters/${id}/prometheus/api/v1/${path}`;
const scoped = (id: string) => [
  api(id, 'query?query=up_or_not'),
  api(id, `query_range?query=node_memory_MemTotal_bytes&start=${end - 600}&end=${end}&step=30`),
  api(id, 'labels'),
  api(id, 'label/instance/values'),
  api(id, 'metadata'),
];

describe('series on one receiver each, of which one is down', () => {
  beforeAll(async () => {
    await start(1);
  }, 240_000);
  afterAll(stop, 60_000);

  it('has all while both are up, and nothing is marked', async () => {
    for (const id of ids) {
      const { cluster_summary: summary } = await service.metrics(id, 'time_range=10min');
      expectNear(summary.cpu?.average, 25);
      expectNear(summary.power?.average_watts, 80);
    }
    for (const path of paths(ids[0]!)) expect(isMarked(await service.get(path))).toBe(false);
    for (const path of scoped(ids[0]!))
      expect((await service.get(path)).body).not.toHaveProperty('warnings');
    expect((await service.get(`/clusters/${stranger}/metrics`)).status).toBe(404);
    for (const now of [end - 400, end]) {
      service.now = now;
      await service.deliver('/evaluate-alerts', {});
    }
  }, 120_000);

  it('marks what lacks something, keeps none of it, and tells no address', async () => {
    await store.receivers[1]!.stop();
    service.now += 31;
    for (const path of paths(ids[1]!)) {
      for (const round of [1, 2]) {
        const reply = await service.get(path);
        expect([path, round, reply.status, isMarked(reply)]).toEqual([path, round, 200, true]);
        expect(reply.headers.get('x-cache')).not.toBe('hit');
        expect(JSON.stringify(reply.body)).not.toMatch(servers);
      }
    }
  }, 120_000);

  it('hands the marks of the scoped API on, without addresses', async () => {
    for (const path of scoped(ids[1]!)) {
      const reply = await service.get(path);
      const { warnings } = reply.body as unknown as { warnings?: string[] };
      expect([path, reply.status, warnings?.length]).toEqual([path, 200, expect.any(Number)]);
      expect(JSON.stringify(warnings)).not.toMatch(servers);
    }
  }, 60_000);

  it('does not take a part that is away for a cluster that is not there', async () => {
    for (const path of ['metrics', 'node-metrics', 'alerts', 'prometheus/api/v1/labels'])
      expect([path, (await service.get(`/clusters/${stranger}/${path}`)).status]).toEqual([
        path,
        503,
      ]);
  }, 60_000);

  it('keeps the alerts of nodes it does not hear of', async () => {
    const countOf = async () => {
      const lists = await Promise.all(ids.map((id) => service.get(`/clusters/${id}/alerts`)));
      const alerts = lists.flatMap(({ body }) => (body.data as AlertList).alerts);
      return alerts.filter(({ metric, state }) => metric === 'cpu_usage' && state !== 'resolved')
        .length;
    };
    const before = await countOf();
    expect(before).toBeGreaterThan(0);
    for (const seconds of [60, 900, 900]) {
      service.now += seconds;
      await service.deliver('/evaluate-alerts', {});
    }
    expect(await countOf()).toBe(before);
  }, 60_000);
});

describe('series on two receivers, of which one is down', () => {
  beforeAll(async () => {
    await start(2);
  }, 240_000);
  afterAll(stop, 60_000);

  it('has all of it, marked, and takes samples on', async () => {
    await store.receivers[0]!.stop('SIGKILL');
    const later = series.map(({ labels, samples }) => {
      const last = samples.at(-1)!;
      return { labels, samples: [{ time: last.time + 1000, value: last.value + 1 }] };
    });
    await store.write(1, later);
    for (const id of ids) {
      const reply = await service.get(`/clusters/${id}/metrics?time_range=10min`);
      const { cluster_summary: summary } = reply.body.data as Awaited<
        ReturnType<TestService['metrics']>
      >;
      expectNear(summary.cpu?.average, 25);
      expectNear(summary.power?.average_watts, 80);
      expect(isMarked(reply)).toBe(true);
    }
    await store.receivers[0]!.start();
    const { status, body } = await service.get(api(ids[0]!, `query?query=count({job="node-0"})`));
    expect([status, body]).toEqual([200, expect.not.objectContaining({ warnings: [] })]);
  }, 120_000);
});
