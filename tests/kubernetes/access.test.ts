import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findPrograms, reservePorts, startSupervisor, type Sidecar } from '@bud-monitoring/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSidecar } from '../../stack/src/servers/daprd.js';
import { openChart } from './support/chart.js';
import { preparePods } from './support/pods.js';
import { kubernetesPrograms } from '../../stack/src/opt-in/kubernetes.js';
import { startSentry } from './support/sentry.js';

const MINUTE = 60_000;

/** Sidecars with identities of Dapr's own authority, and the access control of the rendered chart. */
const cleanup: (() => unknown)[] = [];
const callers = new Map<string, Sidecar>();

beforeAll(async () => {
  const supervisor = await startSupervisor();
  cleanup.push(() => supervisor.stop());
  const ports = await reservePorts();
  cleanup.push(() => ports.release());
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const context = { env: process.env, report, supervisor };
  const { helm } = await kubernetesPrograms(context);
  const programs = await findPrograms(['daprd'], context);
  const sentry = await startSentry(context, ports);
  const text = await openChart(context, helm).template({
    dapr: { callers: ['bud-cluster'], publishers: [] },
  });
  const directory = join(supervisor.directory, 'pods');
  await mkdir(join(supervisor.directory, 'empty'), { recursive: true });
  const pods = await preparePods(text, { directory, secrets: {} });

  const app = createServer((request, response) =>
    response.end(String(request.headers['dapr-caller-app-id'])),
  );
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  cleanup.push(() => app.close());
  const start = async (appId: string, component: string, appPort?: number) => {
    const { flags, env } = sentry.sidecar('bud');
    return startSidecar({
      ...{ supervisor, program: programs('daprd'), appId, secrets: env },
      ...(appPort !== undefined && { appPort }),
      ports: {
        ...{ http: await ports.next(), grpc: await ports.next() },
        ...{ internal: await ports.next(), metrics: await ports.next() },
      },
      ...{ apiToken: 'api', appToken: 'app', namesDirectory: supervisor.directory },
      // Without components: this is about calls.
      resources: join(supervisor.directory, 'empty'),
      config: pods.sidecar(component).config,
      flags,
    });
  };
  await start('bud-metrics', 'metrics', (app.address() as AddressInfo).port);
  for (const appId of ['bud-gateway', 'bud-cluster', 'stranger'])
    callers.set(appId, await start(appId, 'gateway'));
}, 20 * MINUTE);

afterAll(async () => {
  for (const end of cleanup.reverse()) await end();
}, MINUTE);

async function call(caller: string, path: string): Promise<number> {
  const sidecar = callers.get(caller);
  const response = await fetch(`${sidecar?.url}/v1.0/invoke/bud-metrics/method/${path}`, {
    method: 'POST',
    headers: { 'dapr-api-token': sidecar?.apiToken ?? '' },
    signal: AbortSignal.timeout(20_000),
  });
  await response.text();
  return response.status;
}

describe("the chart's access control, with mTLS", () => {
  it.each(['bud-gateway', 'bud-cluster'])('lets %s call what is for callers', async (caller) => {
    expect(await call(caller, 'clusters/x/metrics')).toBe(200);
    expect(await call(caller, 'openapi.json')).toBe(200);
  });

  it.each([
    'events/cluster-created',
    'events/a/b',
    'EVENTS/cluster-created',
    '%65vents/cluster-created',
    'clusters/x/%2e%2e/%2e%2e/events/cluster-created',
    'evaluate-alerts',
    'reconcile-dashboards',
  ])('lets nobody call %s, which is for the own sidecar', async (path) => {
    for (const caller of callers.keys()) expect(await call(caller, path)).toBe(403);
  });

  it('lets an app that was not named call nothing', async () => {
    expect(await call('stranger', 'clusters/x/metrics')).toBe(403);
  });
});
