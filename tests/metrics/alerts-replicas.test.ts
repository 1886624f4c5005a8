import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics, type AlertEvent, type AlertList } from '@bud-monitoring/contracts';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { loadSeries, ramp } from '../../stack/src/fleet/index.js';
import { componentsTicking } from '../support/components-ticking.js';
import { createEventApp } from '../support/event-app.js';
import { nodeSeries } from './support/exporter.js';
import { startFatalProxy, type FatalProxy } from './support/fatal-proxy.js';

const cluster = '0a1e0000-0000-4000-8000-0000000000bb';
const nodes = ['a', 'b', 'c', 'd', 'e', 'f'];
const path = `/events/${topics.clusterAlerts}`;

const listener = createEventApp();
const proxies: FatalProxy[] = [];
let resources: string;
let stack: Stack;

/** The product's own resources, with a quick clock and somebody who hears of alerts. */
async function quickResources(): Promise<string> {
  const directory = await componentsTicking({ 'evaluate-alerts': '1s' });
  await appendFile(
    join(directory, 'subscriptions.yaml'),
    `---
apiVersion: dapr.io/v2alpha1
kind: Subscription
metadata:
  name: listener
spec:
  pubsubname: pubsub
  topic: ${topics.clusterAlerts}
  routes: { default: ${path} }
scopes: [bud-cluster]
`,
  );
  return directory;
}

beforeAll(async () => {
  resources = await quickResources();
  proxies.push(await startFatalProxy(), await startFatalProxy());
  const now = Math.floor(Date.now() / 1000);
  const replica = ({ url }: FatalProxy) => ({
    ...service('metrics', { DAPR_BASE_URL: url, ALERT_FOR: '6s', ALERT_INTERVAL: '1s' }),
    sidecar: { resources },
  });
  stack = await startStack({
    prometheus: {
      prepare: async ({ dataDirectory, promtool }) => {
        const series = nodes.flatMap((name) =>
          nodeSeries(
            { cluster, job: 'node-exporter', instance: `${name}:9100` },
            { nodename: name, busy: ramp(0.95), cores: 1 },
          ),
        );
        const range = { start: now - 1200, end: now + 600, interval: 15 };
        await loadSeries({ ...range, series, dataDirectory, promtool });
      },
    },
    apps: [
      {
        appId: 'bud-cluster',
        sidecar: { resources },
        start: async ({ port }) => {
          await listener.listen(port);
          return listener;
        },
      },
      ...proxies.map(replica),
    ],
  });
  proxies.forEach((proxy, index) => {
    proxy.target = stack.app('bud-metrics', index).sidecar.url;
  });
}, 120_000);

afterAll(async () => {
  await stack.stop();
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  await rm(resources, { recursive: true });
});

interface Heard {
  id: string;
  event: AlertEvent;
}

const heard = (): Heard[] =>
  listener.deliveries
    .filter((delivery) => delivery.path === path)
    .map(({ body }) => {
      const { id, data } = body as { id: string; data: AlertEvent };
      return { id, event: data };
    });

/** What was heard once those that came twice under one id are taken for one. */
const distinct = (): Heard[] => [...new Map(heard().map((one) => [one.id, one])).values()];

async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`heard only ${JSON.stringify(distinct())}`);
    await sleep(100);
  }
}

const changes = () =>
  distinct()
    .map(
      ({ event }) => `${event.node} ${event.metric} ${event.previous_state ?? ''}>${event.state}`,
    )
    .sort();
const of = (change: string) => nodes.map((name) => `${name}:9100 cpu_usage ${change}`);

async function listOf(replica: number): Promise<AlertList> {
  const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
  const { url } = stack.app('bud-metrics', replica);
  const answer = await fetch(`${url}/clusters/${cluster}/alerts`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await answer.json()) as { data: AlertList }).data;
}

describe('two replicas on a real sidecar and Redis', () => {
  it('tell each change once, although both are called at every tick', async () => {
    await until(() => distinct().length >= nodes.length, 20_000);
    await sleep(2500); // a few ticks more, on both
    expect(changes()).toEqual(of('>pending').sort());
    expect(heard()).toHaveLength(nodes.length);
    expect((await listOf(0)).alerts).toHaveLength(nodes.length);
    expect((await listOf(1)).alerts).toEqual((await listOf(0)).alerts);
  }, 40_000);

  it('lose no change and invent none when one is killed after publishing, before it wrote that down', async () => {
    let killed = -1;
    proxies.forEach((proxy, index) => {
      proxy.onPublished = async () => {
        // The third of the changes to firing.
        if (killed >= 0 || proxies.reduce((sum, { published }) => sum + published, 0) < 9) {
          return false;
        }
        killed = index;
        await stack.app('bud-metrics', index).process?.stop('SIGKILL');
        return true;
      };
    });
    const expected = [...of('>pending'), ...of('pending>firing')].sort();
    await until(() => killed >= 0 && distinct().length >= expected.length, 60_000);
    await sleep(2500);

    expect(changes()).toEqual(expected);
    // What was published and not written down came again, under the same ids.
    expect(heard().length).toBeGreaterThan(expected.length);
    expect(heard().length).toBeLessThanOrEqual(expected.length + nodes.length);
    const survivor = 1 - killed;
    expect((await listOf(survivor)).alerts.map(({ state }) => state)).toEqual(
      nodes.map(() => 'firing'),
    );
  }, 90_000);

  it('say nothing new when both are started again', async () => {
    const before = heard().length;
    const known = (await Promise.any([listOf(0), listOf(1)])).alerts;
    for (const replica of [0, 1]) {
      const { process } = stack.app('bud-metrics', replica);
      await process?.stop();
      await process?.start();
    }
    const since = Math.floor(Date.now() / 1000);
    let list = await listOf(0);
    const deadline = performance.now() + 60_000;
    while ((list.evaluated_at ?? 0) <= since && performance.now() < deadline) {
      await sleep(200);
      list = await listOf(0);
    }
    expect(list.evaluated_at).toBeGreaterThan(since);
    expect(list.alerts.map(({ node, since }) => ({ node, since }))).toEqual(
      known.map(({ node, since }) => ({ node, since })),
    );
    expect(heard()).toHaveLength(before);
  }, 90_000);
});
