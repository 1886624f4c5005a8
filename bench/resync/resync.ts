import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { createDapr } from '@bud-monitoring/client/dapr';
import type { DashboardList } from '@bud-monitoring/contracts';
import { service, startStack } from '@bud-monitoring/stack';
import { keepResults, Rows } from '../rows.js';

/** A start with many clusters in the state store, over HTTP, on real daprd and Redis, and the fake Grafana. */
const clusters = Number(process.argv[2] ?? 10_000);
const page = Math.min(500, clusters);
const burstSize = 500;
const patienceMs = 60 * 60_000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

await using stack = await startStack({
  grafana: true,
  apps: [service('dashboard', { LOG_LEVEL: 'error', DISCOVER_CLUSTERS: 'false' })],
});
const app = stack.app('bud-dashboard');
const { grafana } = stack;
const program = app.process;
if (!grafana || !program) throw new Error('the stack lacks Grafana or the service');
const dapr = createDapr({ baseUrl: app.sidecar.url, apiToken: app.sidecar.apiToken });
const state = dapr.state('statestore');
const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
const ids = Array.from({ length: clusters }, () => randomUUID());
const rows = new Rows();

const began = performance.now();
for (let from = 0; from < clusters; from += burstSize) {
  const burst = ids.slice(from, from + burstSize);
  for (const id of burst)
    await dapr.publish('pubsub', 'cluster-created', { cluster_id: id, name: `cluster ${id}` });
  await until(() => Promise.resolve(grafana.writes.publicDashboardsCreated >= from + burst.length));
  console.error(`${from + burst.length} clusters after ${seconds(performance.now() - began)}`);
}
await until(isFirstPageRight);

await program.stop();
const before = {
  etags: await etags(),
  writes: { ...grafana.writes },
  calls: grafana.requests.length,
};
const start = performance.now();
await program.start();
await until(isFirstPageRight);
rows.add(
  `start with ${clusters} clusters in the state store, until the first page of ${page} of \`/dashboards\` is right`,
  seconds(performance.now() - start),
  'below 5 s',
);

// Over when nothing has been asked for half a minute: clusters are read one after another.
let last = { calls: grafana.requests.length, at: performance.now() };
await until(() => {
  const calls = grafana.requests.length;
  if (calls !== last.calls) last = { calls, at: performance.now() };
  return Promise.resolve(performance.now() - last.at > 30_000);
});
const calls = grafana.requests.length - before.calls;
const after = await etags();
const rewritten = ids.filter((id) => after.get(id) !== before.etags.get(id)).length;
const saves = Object.entries(grafana.writes).filter(
  ([kind, count]) => count !== before.writes[kind as keyof typeof before.writes],
);
rows.add(
  `calls of Grafana in a resync of ${clusters} unchanged clusters, ${seconds(last.at - start)}`,
  `${calls}, ${(calls / clusters).toFixed(3)} a cluster`,
  'at most 1 a cluster, and a few for all',
);
rows.add(
  'what that resync wrote',
  `${saves.length === 0 ? 'nothing' : saves.map(([kind]) => kind).join(', ')} in Grafana, ${rewritten} records`,
  'nothing',
);
await keepResults(
  'resync',
  rows.document(`A start of bud-dashboard with ${clusters} clusters`, [
    `${cpus().length} processors, other work on them; real daprd and Redis, the fake Grafana.`,
  ]),
);
await dapr.stop();

async function isFirstPageRight(): Promise<boolean> {
  const response = await fetch(`${app.url}/dashboards?limit=${page}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(30_000),
  }).catch(() => null);
  if (response?.ok !== true) return false;
  const { data } = (await response.json()) as { data: DashboardList };
  return (
    data.dashboards.length === page && data.dashboards.every(({ status }) => status === 'ready')
  );
}

/** The etag of each cluster's record, by cluster. */
async function etags(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let from = 0; from < clusters; from += burstSize) {
    const keys = ids.slice(from, from + burstSize).map((id) => `cluster:${id}`);
    for (const [key, { etag }] of await state.getMany(keys))
      found.set(key.replace('cluster:', ''), etag);
  }
  return found;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('this took more than an hour');
    await sleep(20);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
