import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@bud-monitoring/client';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { topics } from '@bud-monitoring/contracts';
import { reservePorts, type PortBlock, type Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  demoFleet,
  fleetForBudCluster,
  fleetScrapeConfig,
  fleetSeries,
  startExporter,
  type Exporter,
} from '../../stack/src/fleet/index.js';
import { startProduct } from '../../stack/src/product.js';
import { createEvents, createRequests } from './support/load.js';
import { median, partsOf, takeSample, type Sample } from './support/resources.js';

/** `npm run test:soak` runs for 75 minutes; the suite only shows that the soak itself works. */
const minutes = Number(process.env['SOAK_MINUTES'] ?? '0.4');
/** From here on memory must be level. */
const warmUpMinutes = 15;
const seconds = minutes * 60;
const clusterCount = 20;

let ports: PortBlock;
let exporter: Exporter;
let stack: Stack;
let dapr: Dapr;
const fleet = demoFleet({ anchor: Math.floor(Date.now() / 1000) });

beforeAll(async () => {
  ports = await reservePorts();
  exporter = await startExporter({ series: fleetSeries(fleet), clock: systemClock });
  stack = await startProduct({
    env: { ...process.env, GATEWAY_PORT: String(await ports.next()) },
    fleet: fleetForBudCluster(fleet),
    prometheus: { scrapeConfigs: [fleetScrapeConfig(exporter.address, '15s')] },
  });
  const { sidecar } = stack.app('bud-cluster');
  dapr = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
  for (const { id, name } of fleet.clusters) {
    await dapr.publish('pubsub', topics.clusterCreated, { cluster_id: id, name });
  }
}, 120_000);

afterAll(async () => {
  await dapr.stop();
  await stack.stop();
  await exporter.close();
  await ports.release();
});

it(
  'lives: nothing ends, nothing grows, and every event counts',
  async () => {
    const start = performance.now();
    const elapsed = () => (performance.now() - start) / 1000;
    let token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
    const events = createEvents(dapr, clusterCount);
    const known = fleet.clusters.map(({ id }) => id);
    await untilStatus(known, () => token, new Set([200]));
    const requests = createRequests(stack.gateway?.url ?? '', known, () => token);
    const parts = partsOf(stack, ['bud-metrics', 'bud-dashboard', 'bud-cluster']);
    const { redis } = stack;
    if (!redis) throw new Error('the stack has no Redis');
    const samples: Sample[] = [];
    const ended: string[] = [];
    void stack.failed.then((reason) => ended.push(reason));

    while (elapsed() < seconds && ended.length === 0) {
      await events.publishNext();
      for (let sent = 0; sent < 4; sent += 1) await requests.sendNext();
      if (elapsed() >= samples.length * 15) samples.push(await takeSample(parts, redis, elapsed()));
      // A token lives for 12 hours at most.
      if (samples.length % 120 === 119)
        token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
      await sleep(500);
    }

    expect(ended).toEqual([]);
    expect(requests.failures).toEqual([]);
    const living = [...events.ledger].filter(([, { living }]) => living).map(([id]) => id);
    const gone = [...events.ledger].filter(([, { living }]) => !living).map(([id]) => id);
    await untilStatus(living, () => token, new Set([200]));
    await untilStatus(gone, () => token, new Set([404]));
    await untilTitles(events.ledger);
    if (minutes >= 1) process.stderr.write(`${report(samples, events.published, requests.sent)}\n`);
    if (minutes > 2 * warmUpMinutes) expectLevel(samples);
  },
  (seconds + 180) * 1000,
);

/** Asks bud-dashboard until each cluster has one of the statuses. */
async function untilStatus(
  ids: readonly string[],
  token: () => string,
  wanted: ReadonlySet<number>,
): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (const id of ids) {
    for (;;) {
      const url = `${stack.gateway?.url ?? ''}/api/clusters/${id}/grafana-dashboard`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${token()}` } });
      const body = await response.text();
      if (wanted.has(response.status)) break;
      if (performance.now() > deadline) throw new Error(`${id}: ${response.status} ${body}`);
      await sleep(200);
    }
  }
}

/** In Grafana each living cluster has its main dashboard under its newest name, and no deleted one has. */
async function untilTitles(ledger: ReadonlyMap<string, { living: boolean; name: string }>) {
  const wanted = [...ledger]
    .filter(([, { living }]) => living)
    .map(([id, { name }]) => `${name} (${id.slice(0, 8)})`)
    .sort();
  const held = () =>
    (stack.grafana?.dashboards() ?? [])
      .filter(({ uid }) => ledger.has(uid))
      .map(({ title }) => title)
      .sort();
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline && held().join() !== wanted.join()) await sleep(500);
  expect(held()).toEqual(wanted);
}

/**
 * Two fill up for longer than this: Prometheus its head block, for hours, and Redis the streams, until
 * they are cut (tests/integration/redis-durability.test.ts).
 */
function expectLevel(samples: readonly Sample[]): void {
  const between = (from: number, to: number) =>
    samples.filter(({ at }) => at >= from * 60 && at <= to * 60);
  const first = between(warmUpMinutes, warmUpMinutes + 5);
  const last = between(minutes - 5, minutes + 1);
  const grown: string[] = [];
  const compare = (what: string, of: (sample: Sample) => number, factor: number, slack: number) => {
    const [before, after] = [median(first.map(of)), median(last.map(of))];
    if (!(after <= before * factor + slack)) grown.push(`${what}: ${before} -> ${after}`);
  };
  for (const name of samples[0]?.parts.keys() ?? []) {
    compare(`${name}, handles`, ({ parts }) => parts.get(name)?.handles ?? NaN, 1.1, 5);
    if (name === 'prometheus' || name === 'redis') continue;
    compare(`${name}, MiB`, ({ parts }) => parts.get(name)?.rssMib ?? NaN, 1.1, 0);
  }
  compare('Redis keys', ({ redis }) => redis.keys, 1.05, 5);
  expect(grown).toEqual([]);
}

function report(samples: readonly Sample[], published: number, sent: number): string {
  const row = (name: string, of: (sample: Sample) => number) =>
    [
      name,
      ...[0.2, 0.5, 0.8, 1].map((part) => {
        const sample = samples[Math.ceil(part * (samples.length - 1))];
        return sample === undefined ? '' : of(sample).toFixed(0);
      }),
    ].join(' | ');
  const names = [...(samples[0]?.parts.keys() ?? [])];
  return [
    `${minutes} minutes, ${published} events, ${sent} requests; at 20, 50, 80 and 100 % of the time:`,
    ...names.map((name) => row(`${name}, MiB`, ({ parts }) => parts.get(name)?.rssMib ?? NaN)),
    ...names.map((name) => row(`${name}, handles`, ({ parts }) => parts.get(name)?.handles ?? NaN)),
    row('Redis keys', ({ redis }) => redis.keys),
    row('Redis MiB', ({ redis }) => redis.memoryMib),
  ].join('\n');
}
