import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { createGrafanaClient, type GrafanaClient } from '@bud-monitoring/client/grafana';
import type { FakeGrafana } from '../../stack/src/fakes/fake-grafana/server.js';
import { componentsTicking } from '../support/components-ticking.js';

const route = '/reconcile-dashboards';
const driftSeconds = 8;
const slackSeconds = 5;
let components: string;
let stack: Stack;
let grafana: FakeGrafana;
let hand: GrafanaClient;
let dapr: Dapr;

beforeAll(async () => {
  components = await componentsTicking({ 'reconcile-dashboards': '1s' });
  const replica = {
    ...service('dashboard', {
      DISCOVER_CLUSTERS: 'false',
      PENDING_INTERVAL: '6s',
      DRIFT_INTERVAL: `${driftSeconds}s`,
    }),
    sidecar: { resources: components },
  };
  stack = await startStack({ grafana: true, apps: [replica, replica] });
  grafana = stack.grafana!;
  const { url } = grafana;
  const login = { username: 'admin', password: 'admin' };
  hand = createGrafanaClient({ scheme: 'http', url: new URL(url).host, ...login });
  const { sidecar } = stack.app('bud-dashboard');
  dapr = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
}, 120_000);

afterAll(async () => {
  await dapr.stop();
  await stack.stop();
  await rm(components, { recursive: true });
});

async function metric(replica: number, start: string): Promise<number> {
  const { url } = stack.app('bud-dashboard', replica);
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(start));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** When a replica started a full resync (Unix ms), by the logs of both. */
const fullResyncs = () =>
  [0, 1]
    .flatMap((replica) => (stack.app('bud-dashboard', replica).process?.logs() ?? '').split('\n'))
    .filter((line) => line.includes('a full resync started'))
    .map((line) => Date.parse((JSON.parse(line) as { time: string }).time))
    .sort((a, b) => a - b);

const ticks = (replica: number) =>
  metric(replica, `dapr_deliveries_total{route="${route}",status="SUCCESS"}`);

async function until(isSo: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it did not come to that');
    await sleep(100);
  }
}

describe('the cron binding on two replicas, real sidecars and Redis', () => {
  it('ticks both, and one of them starts a full resync in each interval', async () => {
    const ids = Array.from({ length: 5 }, () => randomUUID() as string);
    for (const id of ids) await dapr.publish('pubsub', 'cluster-created', { cluster_id: id });
    await until(() => grafana.dashboards().length === 4 * ids.length);
    await until(() => grafana.publicDashboards().length === ids.length);
    // Each starts a full resync when it starts, too.
    await until(async () => (await ticks(0)) > 1 && (await ticks(1)) > 1);
    const writes = { ...grafana.writes };
    const before = fullResyncs().length;
    const ticked = await Promise.all([ticks(0), ticks(1)]);

    await until(() => fullResyncs().length >= before + 6, 60_000);

    expect(await ticks(0)).toBeGreaterThan(ticked[0] + 2);
    expect(await ticks(1)).toBeGreaterThan(ticked[1] + 2);
    // A leader lease expires a little before its interval. A slow Grafana may cause one more resync.
    const times = fullResyncs().slice(before);
    const gaps = times.slice(1).map((time, n) => time - times[n]!);
    expect(
      gaps.filter((ms) => ms < (driftSeconds - slackSeconds) * 1_000 - 100).length,
    ).toBeLessThan(2);
    expect(grafana.writes).toEqual(writes);
  }, 90_000);

  it('restores what was deleted in Grafana', async () => {
    const [{ dashboardUid: uid } = { dashboardUid: '' }] = grafana.publicDashboards();
    await hand.deleteDashboard(uid);
    const exists = (one: { uid: string }) => one.uid === uid;
    expect(grafana.dashboards().some(exists)).toBe(false);

    await until(() => grafana.dashboards().some(exists));
    await until(() => grafana.publicDashboards().some(({ dashboardUid }) => dashboardUid === uid));
  }, 60_000);

  it('is the only caller that may trigger a resync', async () => {
    const { url } = stack.app('bud-dashboard');
    expect((await fetch(`${url}${route}`, { method: 'POST' })).status).toBe(403);
  });
});
