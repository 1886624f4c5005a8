import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDapr } from '@bud-monitoring/client/dapr';
import { topics } from '@bud-monitoring/contracts';
import { startStack, startSupervisor, type Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { remoteWrite } from '../../stack/src/fleet/index.js';
import { openChart } from './support/chart.js';
import { preparePods } from './support/pods.js';
import { kubernetesPrograms } from '../../stack/src/opt-in/kubernetes.js';

const MINUTE = 60_000;

const cleanup: (() => Promise<void>)[] = [];
let servers: Stack;
let stack: Stack;
let token: string;

beforeAll(async () => {
  const supervisor = await startSupervisor();
  cleanup.push(() => supervisor.stop());
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const context = { env: process.env, report, supervisor };
  const { helm } = await kubernetesPrograms(context);
  servers = await startStack({ redis: true, prometheus: true, grafana: true });
  cleanup.push(() => servers.stop());
  const { identity, redis, prometheus, grafana } = servers;
  const text = await openChart(context, helm).template({
    redis: { host: redis?.address },
    store: { url: prometheus?.url },
    grafana: { url: new URL(grafana?.url ?? '').host },
    auth: {
      ...{ jwksUrl: identity.jwksUrl, issuer: identity.issuer, audience: identity.audience },
      algorithms: identity.algorithm,
    },
    // Nobody has an identity without Dapr's control plane.
    dapr: { accessControl: false, schedule: '@every 1s' },
    metrics: { settings: { METRICS_CACHE_TTL_SECONDS: 0 } },
  });
  const secrets = {
    'bud-monitoring-redis': { password: redis?.password ?? '' },
    'bud-monitoring-grafana': { username: 'admin', password: 'admin' },
  };
  const pods = await preparePods(text, { directory: supervisor.directory, secrets });
  stack = await startStack({
    redis: { address: redis?.address ?? '', password: redis?.password ?? '' },
    gateway: true,
    apps: [
      pods.pod('metrics'),
      pods.pod('metrics'),
      pods.pod('dashboard'),
      pods.pod('dashboard'),
      { appId: 'bud-cluster', sidecar: pods.sidecar('metrics'), start: idle },
      { appId: 'own-gateway', sidecar: pods.sidecar('gateway'), start: idle },
    ],
  });
  cleanup.push(() => stack.stop());
  token = await identity.mintToken({ permissions: ['cluster:manage'] });
}, 20 * MINUTE);

afterAll(async () => {
  for (const end of cleanup.reverse()) await end();
}, MINUTE);

/** Listens, and knows nothing. */
async function idle({ port }: { port: number }) {
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/** Seconds until a new cluster, announced and sampled, is seen through the gateway; throws after 30. */
async function wholeWay(): Promise<number> {
  const id = randomUUID();
  const { sidecar } = stack.app('bud-cluster');
  const dapr = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
  await dapr.publish('pubsub', topics.clusterCreated, { cluster_id: id, name: 'east' });
  await dapr.stop();
  const labels = { __name__: 'up', cluster: id, instance: '10.0.0.1:9100', job: 'node' };
  await remoteWrite(servers.prometheus?.url ?? '', [
    { labels, samples: [{ time: Date.now(), value: 1 }] },
  ]);
  const get = async (path: string) => {
    const response = await fetch(`${stack.gateway?.url}/api/clusters/${id}/${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, text: await response.text() };
  };
  const start = performance.now();
  for (;;) {
    const dashboards = await get('grafana-dashboard');
    const query = await get('prometheus/api/v1/query?query=up');
    if (dashboards.text.includes('"ready"') && query.text.includes(id))
      return (performance.now() - start) / 1000;
    if (performance.now() - start > 30_000) throw new Error(`${dashboards.text} ${query.text}`);
    await sleep(200);
  }
}

describe("the chart's containers as processes, with their environment and arguments", () => {
  it(
    'are ready, and work from an event to a link',
    async () => {
      for (const appId of ['bud-metrics', 'bud-dashboard'])
        for (const replica of [0, 1])
          expect((await fetch(`${stack.app(appId, replica).url}/ready`)).status).toBe(200);
      await wholeWay();
    },
    2 * MINUTE,
  );

  it.each(['bud-metrics', 'bud-dashboard'])(
    'go on while one of two replicas of %s is killed, and through a rollout',
    async (appId) => {
      const [first, second] = [stack.app(appId, 0), stack.app(appId, 1)];
      await first.sidecar.stop('SIGKILL');
      await first.process?.stop('SIGKILL');
      expect(await wholeWay()).toBeLessThan(30);
      await first.process?.start();
      await first.sidecar.start();
      await second.process?.stop();
      await second.sidecar.stop();
      await wholeWay();
      await second.process?.start();
      await second.sidecar.start();
      await wholeWay();
    },
    4 * MINUTE,
  );

  it(
    'have a gateway whose sidecar does nothing but invoke',
    async () => {
      const { sidecar } = stack.app('own-gateway');
      const ask = async (path: string, method = 'GET') =>
        (
          await fetch(`${sidecar.url}/v1.0/${path}`, {
            method,
            headers: { 'dapr-api-token': sidecar.apiToken, 'content-type': 'application/json' },
            ...(method === 'POST' && { body: '{}' }),
          })
        ).status;
      expect(await ask('invoke/bud-metrics/method/openapi.json')).toBe(200);
      for (const [path, method] of [
        ['state/statestore/a', 'GET'],
        ['publish/pubsub/cluster-created', 'POST'],
        ['secrets/kubernetes/bud-monitoring-redis', 'GET'],
        ['metadata', 'GET'],
        ['shutdown', 'POST'],
      ] as const)
        expect([path, [403, 404].includes(await ask(path, method))]).toEqual([path, true]);
    },
    MINUTE,
  );
});
