import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDapr } from '@bud-monitoring/client/dapr';
import { service, startStack } from '@bud-monitoring/stack';
import { cpuSeconds, peakMb, procOf } from './process-cost.js';
import { keepResults, Rows } from './rows.js';

/** bud-dashboard on real daprd and Redis, against the fake Grafana of this process. */
const clusters = Number(process.argv[2] ?? 1_000);
const concurrency = 4;
const warmUp = 20;
/** Milliseconds that Grafana takes for each call, beside its work: none at all, and more as real ones do. */
const delays = [0, 2, 10, 25];
/** Clusters of a burst at a slow Grafana. */
const fewer = Math.ceil(clusters / 3);
const known = warmUp + clusters + (delays.length - 1) * fewer;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

await using stack = await startStack({
  grafana: true,
  apps: [service('dashboard', { PROVISION_CONCURRENCY: String(concurrency), LOG_LEVEL: 'error' })],
});
// The bare client has one of its own: either is as full, and the machine as busy, as the other.
await using bareStack = await startStack({ grafana: true });
const bareGrafana = present(bareStack.grafana);
const app = stack.app('bud-dashboard');
const grafana = present(stack.grafana);
const program = present(app.process);
const dapr = createDapr({ baseUrl: app.sidecar.url, apiToken: app.sidecar.apiToken });
const rows = new Rows();
const tell = (what: string, figure: string, wanted: string) => rows.add(what, figure, wanted);

// Both sides start warm: neither pays for the first hundred calls.
await burst(warmUp);
const [sample = ''] = grafana.publicDashboards().map(({ dashboardUid }) => dashboardUid);
const file = join(stack.directory, 'bare.json');
const parts = grafana.dashboards().filter(({ uid }) => uid.startsWith(sample));
await writeFile(
  file,
  JSON.stringify({ sample, parts: parts.map(({ uid, data }) => ({ uid, data })) }),
);

for (const delayMs of delays) {
  const count = delayMs === 0 ? clusters : fewer;
  grafana.delayMs = delayMs;
  const idleCpu = await cpuSeconds(await procOf(app.url));
  const before = grafana.requests.length;
  const burstMs = await burst(count);
  const calls = grafana.requests.length - before;
  const burstCpu = (await cpuSeconds(await procOf(app.url))) - idleCpu;
  const rate = count / (burstMs / 1_000);
  tell(
    `${count} clusters created in one burst, until the last has its link and dashboards; ${atGrafana(delayMs)}`,
    `${seconds(burstMs)}, ${rate.toFixed(1)} a second, ${(calls / count).toFixed(1)} calls each, ${burstCpu.toFixed(1)} s of CPU in the service`,
    'all provisioned',
  );
  bareGrafana.delayMs = delayMs;
  const bareBefore = bareGrafana.requests.length;
  const { ms, cpu } = await bare(file, count);
  const bareRate = count / (ms / 1_000);
  const bareCalls = (bareGrafana.requests.length - bareBefore) / (count + warmUp);
  tell(
    `the same calls by a bare client, ${concurrency} clusters at once; ${atGrafana(delayMs)}`,
    `${seconds(ms)}, ${bareRate.toFixed(1)} a second, ${bareCalls.toFixed(1)} calls each, ${cpu.toFixed(1)} s of CPU`,
    'the same number of calls',
  );
  const ratio = (rate / bareRate).toFixed(2);
  tell(`rate of the service against the bare client; ${atGrafana(delayMs)}`, ratio, 'at least 0.8');
}
grafana.delayMs = 0;
tell(
  'peak memory of the service',
  `${(await peakMb(await procOf(app.url))).toFixed(0)} MB`,
  'below 250 MB',
);

const saved = { ...grafana.writes };
const looked = grafana.requests.length;
await program.stop();
await program.start();
const lookMs = await until(() => grafana.requests.length - looked >= known * 5, 300_000);
await sleep(3_000);
const writes = Object.keys(saved).filter(
  (key) => saved[key as keyof typeof saved] !== grafana.writes[key as keyof typeof saved],
);
tell(
  `a look at ${known} unchanged clusters after a start (spread over a minute)`,
  `${writes.length === 0 ? 'nothing written' : `written: ${writes.join(', ')}`} in ${seconds(lookMs)}, ${grafana.requests.length - looked} reads`,
  'nothing written',
);
tell(
  'peak memory of that process',
  `${(await peakMb(await procOf(app.url))).toFixed(0)} MB`,
  'below 250 MB',
);

const id = randomUUID();
const event = { id: randomUUID(), source: 'bench', time: new Date().toISOString() };
for (let sent = 0; sent < 100; sent += 10)
  await Promise.all(
    Array.from({ length: 10 }, () =>
      dapr.publish(
        'pubsub',
        'cluster-created',
        { cluster_id: id, name: 'hundred' },
        { cloudEvent: event },
      ),
    ),
  );
await until(() => sharesOf(id) > 0, 30_000);
await sleep(3_000);
const versions = grafana.dashboards().filter(({ uid }) => uid.startsWith(id));
tell(
  'one event delivered 100 times, 10 at once',
  `${versions.length} dashboards (one of each template), versions ${versions.map(({ version }) => version).join(', ')}, ${sharesOf(id)} link`,
  'version 1 of each, one link',
);

await dapr.stop();

const document = rows.document('bud-dashboard', [
  `Node ${process.versions.node}, ${cpus().length} cores shared by everything: service, daprd, Redis, the`,
  'fake Grafana and the publisher. Made by `npm run bench:dashboard`.',
]);
await keepResults('dashboard', document);
console.log(document);

/** Creates so many clusters at once; milliseconds until all are provisioned. */
async function burst(count: number): Promise<number> {
  const { publicDashboardsCreated, dashboardsSaved } = grafana.writes;
  const began = performance.now();
  const ids = Array.from({ length: count }, () => randomUUID());
  const publisher = async () => {
    for (let next = ids.shift(); next !== undefined; next = ids.shift())
      await dapr.publish('pubsub', 'cluster-created', { cluster_id: next, name: 'burst' });
  };
  await Promise.all(Array.from({ length: 32 }, publisher));
  await until(
    () =>
      grafana.writes.publicDashboardsCreated - publicDashboardsCreated >= count &&
      grafana.writes.dashboardsSaved - dashboardsSaved >= 4 * count,
    600_000,
  );
  return performance.now() - began;
}

/** Milliseconds until it holds. */
async function until(holds: () => boolean, timeoutMs: number): Promise<number> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > timeoutMs) throw new Error('it took too long');
    await sleep(20);
  }
  return performance.now() - began;
}

/** The bare client as a process of its own, as the service is one. */
function bare(payload: string, count: number): Promise<{ ms: number; cpu: number }> {
  const client = fileURLToPath(new URL('./bare-grafana-client.js', import.meta.url));
  const args = [bareGrafana.url, payload, String(count), String(concurrency), String(warmUp)];
  const child = fork(client, args);
  return new Promise((resolve, reject) => {
    child.on('message', (message) => resolve(message as { ms: number; cpu: number }));
    child.on('exit', (code) => reject(new Error(`the bare client ended with ${String(code)}`)));
  });
}

function sharesOf(clusterId: string): number {
  return grafana.publicDashboards().filter(({ dashboardUid }) => dashboardUid === clusterId).length;
}

function atGrafana(delayMs: number): string {
  return delayMs === 0
    ? 'a Grafana without latency'
    : `a Grafana that takes ${delayMs} ms for a call`;
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the stack is not whole');
  return part;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
