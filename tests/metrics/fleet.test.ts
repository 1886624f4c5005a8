import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FleetCluster, FleetList } from '@bud-monitoring/contracts';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { startCountingProxy, type CountingProxy } from './support/counting-proxy.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { expectNear, gib } from './support/near.js';
import { startService, type TestService } from './support/service.js';
import { createTestSidecar, type TestSidecar } from './support/sidecar.js';
import { startStore } from './support/store.js';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const start = end - 3 * 3600;

/** The id of the `n`th cluster. */
const id = (n: number) => `0f1ee700-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [mixed, bare, silent, registered] = [id(9001), id(9002), id(9003), id(9004)];

const node = (cluster: string, name: string) => ({
  ...{ cluster, job: 'node-exporter' },
  instance: `${name}:9100`,
});

/** Two nodes, one of them not ready. */
const plain = (cluster: string): KnownSeries[] => [
  ...nodeSeries(node(cluster, '10.0.0.1'), { nodename: 'a', busy: ramp(0.4), cores: 1 }),
  ...nodeSeries(node(cluster, '10.0.0.2'), { nodename: 'b', busy: ramp(0.4), cores: 1 }),
  ...kubernetesNode(cluster, { name: 'a', ip: '10.0.0.1' }),
  ...kubernetesNode(cluster, { name: 'b', ip: '10.0.0.2', ready: 'unknown' }),
];

const odd: KnownSeries[] = [
  // Nodes of different sizes, and one whose free memory nobody knows.
  ...nodeSeries(node(mixed, 'big'), { busy: ramp(0.1), cores: 6, total: constant(64 * gib) }),
  ...nodeSeries(node(mixed, 'small'), { busy: ramp(0.9), cores: 2, free: constant(0) }),
  ...nodeSeries(node(mixed, 'blind'), { busy: ramp(0), cores: 2, free: null }),
  ...kubernetesNode(bare, { name: 'k', ip: '10.1.1.1' }),
  ...nodeSeries(node(silent, 'quiet'), { alive: (elapsed) => elapsed <= 3600 }),
];

interface Fleet {
  readonly store: Awaited<ReturnType<typeof startStore>>;
  readonly proxy: CountingProxy;
}
let few: Fleet;
let many: Fleet;
let service: TestService;
let sidecar: TestSidecar;

async function startFleet(all: KnownSeries[], from: number): Promise<Fleet> {
  const store = await startStore([{ start: from, end, interval: 30, series: all }]);
  return { store, proxy: await startCountingProxy(store.url) };
}

beforeAll(async () => {
  few = await startFleet([...plain(id(1)), ...odd], start);
  const ids = Array.from({ length: 300 }, (_, n) => id(n));
  const recorded = ids.flatMap((cluster, n) => [
    series('cluster:bud_need:score', { cluster }, constant(n)),
    // The rules say otherwise than the samples do: every tenth is silent, of the others every third has a node too few.
    series('cluster:bud_newest_sample_timestamp_seconds:max', { cluster }, (_elapsed, time) =>
      n % 10 === 0 ? time - 400 : time,
    ),
    series('cluster:bud_nodes:count', { cluster }, constant(3)),
    series('cluster:bud_nodes_ready:count', { cluster }, constant(n % 3 === 0 ? 2 : 3)),
  ]);
  many = await startFleet([...ids.flatMap(plain), ...recorded], end - 900);
}, 180_000);

afterAll(async () => {
  for (const { proxy, store } of [few, many]) {
    await proxy[Symbol.asyncDispose]();
    await store.stop();
  }
});

async function serve({ proxy }: Fleet, environment: Record<string, string> = {}) {
  sidecar = createTestSidecar();
  proxy.requests.length = 0;
  proxy.forms.length = 0;
  const options = { prometheus: proxy.url, now: end, dapr: sidecar.dapr, environment };
  service = await startService(options);
}

afterEach(async () => service[Symbol.asyncDispose]());

async function list(query = '', headers = {}): Promise<FleetList> {
  const { status, body } = await service.get(`/clusters${query}`, headers);
  expect({ status, object: body.object }).toEqual({ status: 200, object: 'clusters' });
  return body.data as FleetList;
}

const byId = ({ clusters }: FleetList, cluster: string): FleetCluster =>
  clusters.find(({ cluster_id }) => cluster_id === cluster)!;

describe('the summary of a fleet', () => {
  it('sums up each cluster, by sums and not by means of percentages', async () => {
    await serve(few);
    const fleet = await list();
    const { cpu, memory, storage, nodes, ready } = byId(fleet, mixed);
    expect(cpu).toEqual({ usage_percent: 24, cores: 10 });
    expect(memory).toEqual({
      ...{ total_gib: 80, used_gib: 76, available_gib: 4, usage_percent: 95 },
    });
    expect(storage).toEqual({
      ...{ total_gib: 300, used_gib: 225, available_gib: 75, usage_percent: 75 },
    });
    expect({ nodes, ready }).toEqual({ nodes: 3, ready: null });
    expect(byId(fleet, id(1))).toMatchObject({
      ...{ nodes: 2, ready: 1, newest_sample_age_seconds: 0, name: id(1), state: 'warning' },
      alerts: { pending: 0, warning: 0, critical: 0 },
    });
  });

  it('has the same age of a silent cluster as every route', async () => {
    await serve(few);
    const { newest_sample_age_seconds: age } = byId(await list(), silent);
    expect(age).toBe(2 * 3600);
    for (const query of ['time_range=10min', 'time_range=today', 'time_range=10min&node=quiet']) {
      const { coverage } = await service.metrics(silent, `series=false&${query}`);
      expect([query, coverage.newest_sample_age_seconds]).toEqual([query, age]);
    }
    // One that fell silent before the window that it is asked about.
    const past = await service.metrics(silent, `start=${end - 300}&end=${end - 60}&step=60`);
    expect(past.coverage.newest_sample_age_seconds).toBe(age! - 60);
    const { nodes, coverage } = await service.nodeMetrics(silent);
    expect(Object.keys(nodes)).toEqual(['quiet']);
    expect(coverage.newest_sample_age_seconds).toBe(age);
  });

  it('has the same figures as the metrics of the cluster', async () => {
    await serve(few);
    const { cpu, memory, storage } = byId(await list(), mixed);
    const { cluster_summary: own } = await service.metrics(mixed, 'series=false&time_range=10min');
    expectNear(cpu.usage_percent, own.cpu!.usage_percent!);
    expect(memory).toMatchObject({ total_gib: own.memory!.total_gib });
    expect(storage.used_gib).toBe(own.storage!.used_gib);
  });

  it('has nulls, and says so, where there is no data', async () => {
    await serve(few);
    const fleet = await list();
    const nothing = { total_gib: null, used_gib: null, available_gib: null, usage_percent: null };
    expect(byId(fleet, bare)).toMatchObject({
      ...{ nodes: 1, ready: 1, memory: nothing, storage: nothing },
      ...{ cpu: { usage_percent: null, cores: null }, newest_sample_age_seconds: 0 },
    });
    expect(byId(fleet, silent)).toMatchObject({ nodes: null, ready: null, memory: nothing });
    // Its last sample was an hour after the start; it is seen to five minutes.
    const age = byId(fleet, silent).newest_sample_age_seconds!;
    expect(age).toBeGreaterThanOrEqual(7200);
    expect(age).toBeLessThanOrEqual(7500);
    expect(fleet.warnings).toContainEqual({
      ...{ code: 'no_data', metric: 'cpu' },
      message: `There is no data for cpu of ${bare}, ${silent}`,
    });
  });

  it('has the names of events, who was registered by one, and nobody who was deleted', async () => {
    await serve(few);
    await list();
    const event = (kind: string, cluster_id: string, name: string | null) =>
      service.deliver(`/events/cluster-${kind}`, {
        time: '2026-03-10T11:00:00Z',
        data: { cluster_id, name },
      });
    await event('created', id(1), 'east "1"');
    await event('created', registered, 'empty');
    await event('deleted', mixed, null);
    const fleet = await list();
    expect(fleet.clusters.map(({ cluster_id, name }) => [cluster_id, name])).toEqual([
      [id(1), 'east "1"'],
      [bare, bare],
      [silent, silent],
      [registered, 'empty'],
    ]);
    expect(byId(fleet, registered)).toMatchObject({ nodes: null, newest_sample_age_seconds: null });
  });

  it('has one cluster by its id, searches and sorts', async () => {
    await serve(few);
    const one = await service.get(`/clusters/${mixed}`);
    expect([one.status, one.body.object]).toEqual([200, 'cluster']);
    const fleet = await list('?sort=cpu&limit=2');
    expect(one.body.data).toMatchObject(byId(fleet, mixed));
    expect(fleet.clusters.map(({ cluster_id }) => cluster_id)).toEqual([id(1), mixed]);
    expect(fleet.total).toBe(4);
    const found = await list('?search=9003&state=silent&state=healthy');
    expect(found.clusters.map(({ cluster_id }) => cluster_id)).toEqual([silent]);
    expect((await service.get(`/clusters/${id(77)}`)).status).toBe(404);
  });

  it('has names and alerts without the store, then the last figures and their age', async () => {
    await serve(few, { ALERT_FOR: '0s', METRICS_CACHE_TTL_SECONDS: '0' });
    await service.deliver('/events/cluster-created', {
      data: { cluster_id: id(1), name: 'east' },
    });
    await service.deliver('/evaluate-alerts', {});
    few.proxy.away = true;
    const names = await list();
    const unknown = await service.get(`/clusters/${id(77)}`);
    few.proxy.away = false;
    expect(names.clusters).toHaveLength(1);
    expect(names.clusters[0]).toMatchObject({
      ...{ name: 'east', state: 'unknown', nodes: null, cpu: { usage_percent: null } },
      alerts: { critical: 1 },
    });
    expect(names.warnings.map(({ code }) => code)).toContain('store_unavailable');
    expect([unknown.status, unknown.headers.get('retry-after')]).toEqual([503, '10']);

    await serveAgain(few, { METRICS_CACHE_TTL_SECONDS: '0' });
    const good = await list();
    few.proxy.away = true;
    service.now += 60;
    const stale = await list();
    few.proxy.away = false;
    expect(byId(stale, mixed)).toEqual(byId(good, mixed));
    expect(stale.warnings).toContainEqual({
      ...{ code: 'stale', message: 'The metric store cannot be reached; the figures are 60 s old' },
    });
  });

  it('counts the alerts', async () => {
    await serve(few, { ALERT_FOR: '0s', METRICS_CACHE_TTL_SECONDS: '0' });
    await service.deliver('/evaluate-alerts', {});
    const fleet = await list();
    expect(byId(fleet, id(1)).alerts).toEqual({ pending: 0, warning: 0, critical: 1 });
    expect(byId(fleet, mixed).alerts).toEqual({ pending: 0, warning: 1, critical: 2 });
    expect(byId(fleet, bare).alerts).toEqual({ pending: 0, warning: 0, critical: 0 });
  });

  it('says what the store could not answer, and asks again', async () => {
    await serve(few);
    few.proxy.refuse = (_path, body) => body.includes('node_cpu_seconds_total');
    const partial = await list();
    few.proxy.refuse = () => false;
    expect(byId(partial, mixed).cpu).toEqual({ usage_percent: null, cores: null });
    expect(byId(partial, mixed).memory.total_gib).toBe(80);
    expect(partial.warnings).toContainEqual({
      ...{ code: 'query_failed', message: 'The store could not answer: cpu' },
    });
    expect(byId(await list(), mixed).cpu.cores).toBe(10);
  });

  it('asks the store for the clusters of a page alone, as often for 300 as for few', async () => {
    await serve(few);
    await list();
    const asked = few.proxy.requests.length;
    await serveAgain(many);
    const first = await list('?limit=100');
    // Nobody there has fallen silent.
    expect(many.proxy.requests.length).toBeLessThanOrEqual(asked);
    expect(many.proxy.requests.length).toBeLessThanOrEqual(14); // once what kind of store it is
    const { requests, forms } = many.proxy;
    const ofNodes = forms
      .map((form) => form.get('query') ?? '')
      // Whether any cluster tells power is asked of all.
      .filter((query) => /(node|kube)_/.test(query) && !query.startsWith('group('));
    expect(ofNodes.length).toBeGreaterThan(0);
    for (const query of ofNodes) {
      const [, quoted = ''] = /cluster=~("[^"]+")/.exec(query) ?? [];
      const matcher = JSON.parse(quoted) as string;
      const isAsked = (n: number) => new RegExp(`^(?:${matcher})$`).test(id(n));
      expect([0, 99, 100, 299].map(isAsked)).toEqual([true, true, false, false]);
    }

    requests.length = 0;
    expect(await list('?limit=100')).toEqual(first);
    expect(requests).toEqual([]);
    const second = await list(`?limit=100&cursor=${first.next}`);
    const third = await list(`?limit=100&cursor=${second.next}`);
    const pages = [first, second, third].flatMap(({ clusters }) => clusters);
    expect(pages.map(({ cluster_id }) => cluster_id)).toEqual(
      Array.from({ length: 300 }, (_, n) => id(n)),
    );
    expect([first, second, third].map(({ total }) => total)).toEqual([300, 300, 300]);
    expect(third.next).toBeNull();
    for (const { cpu, nodes } of pages)
      expect({ cpu, nodes }).toEqual({ cpu: { usage_percent: 40, cores: 2 }, nodes: 2 });
  });

  it('sorts by need: silent, with nodes that are not ready, full', async () => {
    await serve(few);
    const fleet = await list('?sort=need');
    expect(fleet.clusters.map(({ cluster_id }) => cluster_id)).toEqual([
      ...[silent, id(1), mixed, bare],
    ]);
    const first = await list('?sort=need&limit=1');
    const second = await list(`?sort=need&limit=1&cursor=${first.next ?? ''}`);
    expect(second).toMatchObject({ clusters: [{ cluster_id: id(1) }], total: 4 });
  });

  it('sorts by what a recording rule says of the need, where it speaks of the clusters', async () => {
    await serve(many);
    const page = await list('?sort=need&limit=100');
    expect(page.clusters.map(({ cluster_id }) => cluster_id)).toEqual(
      Array.from({ length: 100 }, (_, n) => id(299 - n)),
    );
    expect(many.proxy.requests.length).toBeLessThanOrEqual(15);
  });

  it('counts clusters by state, where that is asked for, whatever is searched for', async () => {
    await serve(few);
    const { clusters, states } = await list();
    expect(states).toBeUndefined();
    const counted = { healthy: 0, warning: 0, critical: 0, silent: 0, unknown: 0 };
    for (const { state } of clusters) counted[state] += 1;
    expect(counted).toMatchObject({ warning: 1, silent: 1 });
    const page = await list('?counts=true&search=nothing&state=critical');
    expect(page).toMatchObject({ total: 0, states: counted });
  });

  it('counts them by what the recording rules say, in as many requests however many they are', async () => {
    await serve(many);
    await list('?limit=1');
    many.proxy.requests.length = 0;
    const { states } = await list('?limit=1&counts=true');
    expect(states).toEqual({ healthy: 180, warning: 90, critical: 0, silent: 30, unknown: 0 });
    expect(many.proxy.requests.length).toBeLessThanOrEqual(3);
  });

  it('shows a page of all that a query parameter must not be', async () => {
    await serve(few);
    for (const query of [
      'limit=0',
      'limit=501',
      'limit=x',
      'cursor=x',
      'page=2',
      'sort=x',
      'counts=x',
    ])
      expect((await service.get(`/clusters?${query}`)).status).toBe(400);
  });
});

async function serveAgain(fleet: Fleet, environment: Record<string, string> = {}) {
  await service[Symbol.asyncDispose]();
  await serve(fleet, environment);
}
