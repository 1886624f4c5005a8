import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { topics } from '@bud-monitoring/contracts';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { redisCommands, refusals } from '../support/redis-command.js';

const services = ['bud-metrics', 'bud-dashboard'] as const;
type ServiceName = (typeof services)[number];

let stack: Stack;
let dapr: Dapr;
let authorization: string;

beforeAll(async () => {
  stack = await startStack({
    grafana: true,
    apps: [
      service('metrics', { PROMETHEUS_URL: 'http://127.0.0.1:9' }),
      service('dashboard', { DISCOVER_CLUSTERS: 'false' }),
    ],
  });
  const { sidecar } = stack.app('bud-dashboard');
  dapr = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
  const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
  authorization = `Bearer ${token}`;
}, 60_000);

afterAll(async () => {
  await dapr.stop();
  await stack.stop();
});

async function call(name: ServiceName, method: string, path: string, body?: object) {
  const response = await fetch(`${stack.app(name).url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, text: await response.text() };
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not so after a minute: ${what}`);
    await sleep(100);
  }
}

const publish = (topic: string, clusterId: string) => {
  const cloudEvent = { id: randomUUID(), source: 'test', time: new Date().toISOString() };
  return dapr.publish('pubsub', topic, { cluster_id: clusterId, name: 'east' }, { cloudEvent });
};

/** Where each service tells whether a cluster exists. */
const pathOf = {
  'bud-metrics': (id: string) => `/clusters/${id}/alert-thresholds`,
  'bud-dashboard': (id: string) => `/clusters/${id}/grafana-dashboard`,
};
const untilBothSay = (status: number, id: string) =>
  Promise.all(
    services.map((name) =>
      until(
        `${name} answers ${status}`,
        async () => (await call(name, 'GET', pathOf[name](id))).status === status,
      ),
    ),
  );
const retried = async (name: ServiceName) => {
  const { text } = await call(name, 'GET', '/metrics');
  const line = /^dapr_deliveries_total\{route="\/events\/cluster-deleted",status="RETRY"\} (\d+)$/m;
  return Number(line.exec(text)?.[1] ?? 0);
};

it.each(Object.entries(refusals))(
  'a Redis that is %s: writes are 503, events wait, and nothing is lost',
  async (_what, { begin, end }) => {
    const id = randomUUID();
    await publish(topics.clusterCreated, id);
    await untilBothSay(200, id);
    const before = await Promise.all(services.map(retried));

    // The deletion is on its way to both services when Redis begins to refuse.
    const pids = services.map((name) => stack.app(name).process?.pid() ?? 0);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await publish(topics.clusterDeleted, id);
    await sleep(500);
    await redisCommands(stack.redis!, begin);
    for (const pid of pids) process.kill(pid, 'SIGCONT');

    for (const [index, name] of services.entries()) {
      await until(
        `${name} answers RETRY`,
        async () => (await retried(name)) > (before[index] ?? 0),
      );
      // What a probe found stands for two seconds.
      await until(
        `${name} is unready`,
        async () => (await call(name, 'GET', '/ready')).status === 503,
      );
      const health = await call(name, 'GET', '/health/stack');
      expect(JSON.parse(health.text)).toMatchObject({
        data: {
          statestore: {
            status: 'unhealthy',
            details: { reason: expect.stringMatching(/refuses writes/) },
          },
        },
      });
      // What needs no write is answered as ever.
      expect((await call(name, 'GET', pathOf[name](id))).status).toBe(200);
    }
    const refused = [
      await call('bud-dashboard', 'DELETE', pathOf['bud-dashboard'](id)),
      await call('bud-dashboard', 'POST', `${pathOf['bud-dashboard'](id)}/rotate-link`),
      await call('bud-metrics', 'PUT', pathOf['bud-metrics'](id), {
        cpu_usage: { warning: 50, critical: 60 },
      }),
    ];
    for (const { status, text } of refused) {
      expect({ status, body: JSON.parse(text) as unknown }).toMatchObject({
        status: 503,
        body: { object: 'error', code: 503, type: 'ServiceUnavailableError' },
      });
    }

    await redisCommands(stack.redis!, end);

    await untilBothSay(404, id);
    await until('no dashboard is left', () =>
      Promise.resolve((stack.grafana?.dashboards() ?? []).every(({ uid }) => !uid.startsWith(id))),
    );
    for (const name of services)
      await until(
        `${name} is ready`,
        async () => (await call(name, 'GET', '/ready')).status === 200,
      );
  },
  150_000,
);
