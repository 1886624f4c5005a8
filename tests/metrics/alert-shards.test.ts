import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FleetAlertList } from '@bud-monitoring/contracts';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { startCountingProxy, type CountingProxy } from './support/counting-proxy.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { startService, type TestService } from './support/service.js';
import { createTestSidecar, type TestSidecar } from './support/sidecar.js';
import { startStore } from './support/store.js';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const count = 600;
/** In whose clusters nodes are busy, and in one of them not ready. */
const busy = [7, 8, 300, 599];

const id = (n: number) => `0f1ee700-0000-4000-8000-${String(n).padStart(12, '0')}`;

function cluster(n: number): KnownSeries[] {
  const labels = { cluster: id(n), job: 'node-exporter', instance: '10.0.0.1:9100' };
  return [
    ...nodeSeries(labels, { nodename: 'a', busy: ramp(busy.includes(n) ? 0.95 : 0.2), cores: 1 }),
    ...['receive', 'transmit'].map((way) =>
      series(`node_network_${way}_errs_total`, { ...labels, device: 'eth0' }, ramp(0)),
    ),
    ...kubernetesNode(id(n), { name: 'a', ip: '10.0.0.1', ...(n === 8 && { ready: 'unknown' }) }),
  ];
}

/** What the rules record of these clusters, but of one that is new to them. */
const recorded = Array.from({ length: count }, (_, n) =>
  n === busy[2]
    ? []
    : Object.entries({
        cpu_usage: busy.includes(n) ? 91 : 20,
        memory_usage: 50,
        disk_usage: 75,
        network_errors: 0,
        node_not_ready: n === 8 ? 1 : 0,
      }).map(([metric, value]) =>
        series(`cluster:bud_alert_${metric}:max`, { cluster: id(n) }, constant(value)),
      ),
).flat();

let store: Awaited<ReturnType<typeof startStore>>;
let proxy: CountingProxy;
let sidecar: TestSidecar;
let services: TestService[];

beforeAll(async () => {
  const all = Array.from({ length: count }, (_, n) => cluster(n)).flat();
  store = await startStore([
    { start: end - 1200, end: end + 1200, interval: 30, series: [...all, ...recorded] },
  ]);
  proxy = await startCountingProxy(store.url);
}, 180_000);

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await store.stop();
});

/** Two replicas with one state. */
beforeEach(async () => {
  sidecar = createTestSidecar();
  services = [];
  for (let replica = 0; replica < 2; replica += 1) {
    services.push(
      await startService({
        ...{ prometheus: proxy.url, now: end, dapr: sidecar.dapr },
        environment: { ALERT_FOR: '1m', ALERT_INTERVAL: '1s' },
      }),
    );
  }
});

afterEach(async () => {
  proxy.refuse = () => false;
  for (const service of services) await service[Symbol.asyncDispose]();
});

const withoutRules = (_path: string, body: string) => body.includes('bud_alert_');

async function tick(...replicas: number[]): Promise<void> {
  proxy.forms.length = 0;
  const delivered = replicas.map((n) => services[n]!.deliver('/evaluate-alerts', {}));
  for (const { status } of await Promise.all(delivered)) expect(status).toBe(200);
  for (const service of services) service.now += 60;
}

async function list(): Promise<FleetAlertList> {
  return (await services[0]!.get('/alerts?limit=500')).body.data as FleetAlertList;
}

const told = ({ alerts }: FleetAlertList) =>
  alerts.map(({ cluster_id, metric, state, value }) => `${cluster_id} ${metric} ${state} ${value}`);

/** Queries for samples of nodes, by how many of the clusters each may read. */
const clustersRead = () =>
  proxy.forms
    .map((form) => form.get('query') ?? '')
    .filter((query) => query.includes('node_') && !query.includes('bud_alert_'))
    .map((query) => {
      const [, quoted = '""'] = /cluster=~("[^"]+")/.exec(query) ?? [];
      const matcher = new RegExp(`^(?:${JSON.parse(quoted) as string})$`);
      return Array.from({ length: count }, (_, n) => id(n)).filter((one) => matcher.test(one))
        .length;
    });

const expected = [
  ...busy.map((n) => `${id(n)} cpu_usage pending 95`),
  `${id(8)} node_not_ready pending 1`,
].sort();

describe('alerts of a fleet of many clusters', () => {
  it('are evaluated shard by shard: no query reads all clusters', async () => {
    proxy.refuse = withoutRules;
    await tick(0);
    expect(told(await list()).sort()).toEqual(expected);
    const read = clustersRead();
    // Four shards of eight requests each, beside what clusters there are, the rules and names.
    expect(proxy.forms.length).toBeLessThanOrEqual(2 + 4 * (1 + 8 + 1));
    expect(Math.max(...read)).toBeLessThan(count / 2);
    expect(Math.min(...read)).toBeGreaterThan(0);
    expect(await list()).toMatchObject({ evaluated_at: end, warnings: [] });
  });

  it('are the same where rules tell which clusters need a look, for less', async () => {
    await tick(0);
    expect(told(await list()).sort()).toEqual(expected);
    const read = clustersRead();
    expect(Math.max(...read)).toBeLessThanOrEqual(busy.length);
  });

  it('are told once by replicas that share the shards, and found by the other when one stops', async () => {
    await tick(0, 1);
    await tick(0, 1);
    expect(sidecar.published).toHaveLength(2 * expected.length);
    const changes = sidecar.published.map(({ event }) => [
      event.cluster_id,
      event.metric,
      event.state,
    ]);
    expect(new Set(changes.map(String)).size).toBe(changes.length);
    expect(told(await list()).sort()).toEqual(
      expected.map((one) => one.replace('pending', 'firing')),
    );
    await tick(1);
    expect(sidecar.published).toHaveLength(2 * expected.length);
    expect(await list()).toMatchObject({ evaluated_at: end + 120, warnings: [] });
  });

  it('stay when the rules fall silent', async () => {
    await tick(0);
    proxy.refuse = withoutRules;
    await tick(0);
    expect(told(await list()).sort()).toEqual(
      expected.map((one) => one.replace('pending', 'firing')),
    );
  });
});
