import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '@bud-monitoring/contracts';
import { createDapr } from '@bud-monitoring/client/dapr';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import {
  demoFleet,
  fleetForBudCluster,
  fleetSeries,
  loadSeries,
  type Fleet,
} from '../../../stack/src/fleet/index.js';
import { startFakeBudCluster } from '../../../stack/src/fakes/fake-bud-cluster/server.js';
import { buildConsole } from '../../support/build-console.js';
import { serveConsole, type ConsoleServer } from './serve-console.js';

const HOUR = 3600;
const INTERVAL = 30;

/** Both services with the fleet of the demo, and the console in front of them. */
export interface ConsoleStack extends AsyncDisposable {
  stack: Stack;
  fleet: Fleet;
  server: ConsoleServer;
  tokens: Readonly<Record<Who, string>>;
  /** The `data` of an answer of the API to the manager. */
  api: <Data>(path: string) => Promise<Data>;
}

/** Who looks: one who may do all, one who may only read, one who may read one cluster. */
export type Who = 'manager' | 'viewer' | 'narrow';

/** The last three hours of the fleet's series, and half an hour to come, so that they stay fresh. */
export async function startConsoleStack(): Promise<ConsoleStack> {
  const now = Math.floor(Date.now() / 1000);
  const fleet = demoFleet({ anchor: now });
  const directory = await mkdtemp(join(tmpdir(), 'console-'));
  await buildConsole(directory);
  const stack = await startStack({
    prometheus: {
      prepare: async ({ dataDirectory, promtool }) => {
        const series = fleetSeries(fleet).map(({ name, labels, value }) => ({
          name,
          labels,
          values: (_elapsed: number, t: number) => value(t),
        }));
        const [start, end] = [now - 3 * HOUR, now + HOUR / 2];
        await loadSeries({ series, start, end, interval: INTERVAL, dataDirectory, promtool });
      },
    },
    grafana: true,
    // No issuer: who looks brings a token.
    gateway: { console: { directory, issuer: '', clientId: '' } },
    apps: [
      service('metrics', {
        STREAM_INTERVAL: '2s',
        METRICS_CACHE_TTL_SECONDS: '1',
        ALERT_FOR: '10s',
        ALERT_INTERVAL: '10s',
      }),
      service('dashboard'),
      {
        appId: 'bud-cluster',
        start: ({ port, dapr }) =>
          startFakeBudCluster({
            fleet: fleetForBudCluster(fleet),
            port,
            appApiToken: dapr.appToken,
          }),
      },
    ],
  });
  const gateway = stack.gateway?.url ?? '';
  const server = await serveConsole(gateway);
  await announce(stack, fleet);

  const mint = (permission: 'cluster:view' | 'cluster:manage', clusters?: string[]) =>
    stack.identity.mintToken({
      permissions: [permission],
      subject: permission === 'cluster:view' ? 'viewer' : 'manager',
      ...(clusters && { clusters }),
    });
  const tokens = {
    manager: await mint('cluster:manage'),
    viewer: await mint('cluster:view'),
    narrow: await mint('cluster:view', [fleet.clusters[1]?.id ?? '']),
  };
  return {
    stack,
    fleet,
    server,
    tokens,
    async api<Data>(path: string) {
      const headers = { authorization: `Bearer ${tokens.manager}` };
      const response = await fetch(`${gateway}/api${path}`, { headers });
      return ((await response.json()) as { data: Data }).data;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await stack.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Tells the services the names of the clusters, as the cluster manager does. */
async function announce(stack: Stack, fleet: Fleet): Promise<void> {
  const { sidecar } = stack.app('bud-cluster');
  const dapr = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
  for (const { id, name } of fleet.clusters)
    await dapr.publish('pubsub', topics.clusterCreated, { cluster_id: id, name });
  await dapr.stop();
}
