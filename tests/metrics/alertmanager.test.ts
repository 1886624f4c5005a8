import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from '@jest/globals';
import { constant, ramp } from '../../stack/src/fleet/index.js';
import { startAlertmanager, type Alertmanager } from './support/alertmanager.js';
import { nodeSeries } from './support/exporter.js';
import { gib } from './support/near.js';
import { startService, type TestService } from './support/service.js';
import { createTestSidecar, type TestSidecar } from './support/sidecar.js';
import { startStore } from './support/store.js';

const cluster = '0a1e0000-0000-4000-8000-0000000000a1';
// Alertmanager lives by the clock of this machine.
const begin = Math.floor(Date.now() / 1000) - 360;
const own = { cluster, job: 'node-exporter', instance: 'oven:9100' };

let store: Awaited<ReturnType<typeof startStore>>;
let alertmanager: Alertmanager;
let sidecar: TestSidecar;
let services: TestService[];

beforeAll(async () => {
  const series = nodeSeries(own, {
    ...{ nodename: 'oven', busy: ramp(0.95), free: constant(8 * gib) },
  });
  store = await startStore([{ start: begin - 1800, end: begin + 360, interval: 15, series }]);
}, 120_000);

afterAll(() => store.stop());

beforeEach(async () => {
  alertmanager = await startAlertmanager();
  sidecar = createTestSidecar();
  services = [await start()];
}, 60_000);

afterEach(async () => {
  for (const service of services) await service[Symbol.asyncDispose]();
  await alertmanager[Symbol.asyncDispose]();
});

const start = (urls = alertmanager.url) =>
  startService({
    ...{ prometheus: store.url, now: begin, dapr: sidecar.dapr },
    environment: { ALERT_FOR: '1m', ALERTMANAGER_URL: urls },
  });

/** Ticks all replicas once a minute. */
async function evaluate(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1)
    for (const service of services) {
      expect((await service.deliver('/evaluate-alerts', {})).status).toBe(200);
      service.now += 60;
    }
}

async function setCpu(warning: number, critical: number): Promise<void> {
  const response = await fetch(`${services[0]!.url}/clusters/${cluster}/alert-thresholds`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cpu_usage: { warning, critical } }),
  });
  expect(response.status).toBe(200);
}

/** What was told so far, once nothing more has come for a second. */
async function told(): Promise<string[]> {
  for (let seen = -1; seen !== alertmanager.notified.length;) {
    seen = alertmanager.notified.length;
    await sleep(1000);
  }
  return alertmanager.notified
    .filter(({ labels }) => labels['metric'] === 'cpu_usage')
    .map(({ labels, status }) => `${labels['alertname'] ?? ''} ${status}`);
}

const both = ['BudCpuUsageCritical firing', 'BudCpuUsageWarning firing'];

it('is told what fires, once, and what is over, under the names and labels of the exported rules', async () => {
  await evaluate(1);
  expect(await told()).toEqual([]); // pending
  await evaluate(3);
  expect((await told()).sort()).toEqual(both);
  expect(
    alertmanager.notified.find(({ labels }) => labels['severity'] === 'warning'),
  ).toMatchObject({
    labels: { cluster, instance: 'oven:9100', metric: 'cpu_usage' },
    startsAt: new Date((begin + 60) * 1000).toISOString().replace('.000Z', 'Z'),
  });

  await setCpu(70, 99.5);
  await evaluate(1);
  expect((await told()).slice(2)).toEqual(['BudCpuUsageCritical resolved']);
  await setCpu(99, 99.5);
  await evaluate(1);
  expect((await told()).slice(3)).toEqual(['BudCpuUsageWarning resolved']);
}, 60_000);

it('is told nothing twice, and nothing over, by restarts of either side', async () => {
  await evaluate(2);
  expect((await told()).sort()).toEqual(both);
  await alertmanager.restart();
  const now = services[0]!.now;
  await services.pop()![Symbol.asyncDispose]();
  services = [await start(), await start()]; // and now two replicas, on the same state
  for (const service of services) service.now = now;
  await evaluate(2);
  expect((await told()).sort()).toEqual(both);
  expect(await alertmanager.alerts()).toHaveLength(2);
}, 60_000);

it('keeps its silences', async () => {
  await alertmanager.silence('severity', 'warning');
  await evaluate(2);
  expect(await told()).toEqual(['BudCpuUsageCritical firing']);
  expect((await alertmanager.alerts()).map(({ status }) => status.state).sort()).toEqual([
    ...['active', 'suppressed'],
  ]);
}, 60_000);

it('does without one of several that is away, and says so to whom it is new', async () => {
  await services.pop()![Symbol.asyncDispose]();
  services = [await start(`http://127.0.0.1:9, ${alertmanager.url}/`)];
  await evaluate(2);
  expect((await told()).sort()).toEqual(both);
  const exposition = await (await fetch(`${services[0]!.url}/metrics`)).text();
  expect(exposition).toContain('bud_metrics_alertmanager_requests_total{outcome="failed"} 1');
  expect(exposition).toContain('bud_metrics_alertmanager_requests_total{outcome="taken"} 1');
}, 60_000);
