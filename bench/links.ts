import { randomUUID } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import { createDapr } from '@bud-monitoring/client/dapr';
import { service, startStack } from '@bud-monitoring/stack';
import { keepResults, Rows } from './rows.js';

/** From `cluster-created` to a link that opens, with two replicas of bud-dashboard and a steady stream of clusters. */
const seconds = Number(process.argv[2] ?? 30);
const perSecond = 10;
/** Milliseconds that Grafana takes for each call, beside its work. */
const delays = [0, 10, 25];
const pollMs = 200;
const timeoutMs = 300_000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const settings = { LOG_LEVEL: 'error' };
await using stack = await startStack({
  grafana: true,
  apps: [service('dashboard', settings), service('dashboard', settings)],
});
const grafana = stack.grafana;
if (grafana === undefined) throw new Error('the stack has no Grafana');
const replicas = [stack.app('bud-dashboard', 0), stack.app('bud-dashboard', 1)];
const sidecars = replicas.map(({ sidecar }) =>
  createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken }),
);
const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });

const rows = new Rows();
await stream(20);
for (const delayMs of delays) {
  grafana.delayMs = delayMs;
  const load = loadavg()[0]?.toFixed(1) ?? '';
  const taken = await stream(seconds * perSecond);
  const at = (share: number) => taken[Math.ceil(share * taken.length) - 1] ?? NaN;
  rows.add(
    `${taken.length} clusters created, ${perSecond} a second, two replicas; a Grafana that takes ${delayMs} ms for a call beside its work (load ${load})`,
    `p50 ${inSeconds(at(0.5))}, p99 ${inSeconds(at(0.99))}, slowest ${inSeconds(at(1))}`,
    'p99 below 5 s',
  );
}
for (const sidecar of sidecars) await sidecar.stop();

const document = rows.document('From an event to a link', [
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores shared by everything: two replicas and their sidecars,`,
  'Redis, the fake Grafana, the publisher and the callers. The time begins before `cluster-created` is published and',
  'ends when the link that either replica answers with has opened without an account. Made by `npm run bench:links`.',
]);
await keepResults('links', document);
console.log(document);

/** Creates so many clusters, evenly in time; milliseconds from event to link, ascending. */
async function stream(count: number): Promise<number[]> {
  const began = performance.now();
  const all = Array.from({ length: count }, async (_, index) => {
    await sleep(began + (index * 1000) / perSecond - performance.now());
    return linkAfterEvent(index);
  });
  return (await Promise.all(all)).sort((a, b) => a - b);
}

async function linkAfterEvent(index: number): Promise<number> {
  const id = randomUUID();
  const began = performance.now();
  const data = { cluster_id: id, name: `cluster-${index}` };
  let said: Said = {};
  await sidecars[index % 2]?.publish('pubsub', 'cluster-created', data);
  while (performance.now() - began < timeoutMs) {
    said = await dashboardOf(id, replicas[Math.floor(Math.random() * 2)]?.url ?? '');
    const link = said.data?.status === 'ready' ? said.data.url : null;
    if (link !== null && (await opens(link))) return performance.now() - began;
    await sleep(pollMs);
  }
  throw new Error(`no link after ${timeoutMs / 1000} s: ${JSON.stringify(said)}`);
}

interface Said {
  data?: { status: string; url: string | null };
}

async function dashboardOf(id: string, replica: string): Promise<Said> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${replica}/clusters/${id}/grafana-dashboard`, { headers });
  return (await answer.json()) as Said;
}

/** Whether Grafana serves the dashboard behind the link. */
async function opens(link: string): Promise<boolean> {
  const { origin } = new URL(link);
  const access = link.split('/').at(-1) ?? '';
  const answer = await fetch(`${origin}/api/public/dashboards/${access}`);
  await answer.arrayBuffer();
  return answer.ok;
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
