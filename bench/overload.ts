import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Offer, Outcome } from './overload/offered-load.js';
import { measureIdlers } from './overload/idlers.js';
import { cluster, startOverloadSystem } from './overload/system.js';
import { watchHealth } from './overload/health-watch.js';
import { procOf } from './process-cost.js';
import { keepResults, Rows } from './rows.js';

/** bud-metrics at its capacity and at twice that: what it answers, what it refuses, and how fast. */
const seconds = Number(process.argv[2] ?? 6);
/** Connections that each ask again once they were answered: enough to be at capacity, few enough not to queue. */
const connections = 16;
const rows = new Rows();
await using stack = await startOverloadSystem();
const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
const { url } = stack.app('bud-metrics');
const proc = await procOf(url);
const now = Math.floor(Date.now() / 1000);

const head = (method: string, path: string, more = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`;
const figures = (start: string) =>
  head('GET', `/clusters/${cluster}/metrics?start=${start}&end=${now}&step=60&metric_type=cpu`);
const query = `/clusters/${cluster}/prometheus/api/v1/query?query=node_memory_MemTotal_bytes&time=`;

/** Kinds of work; `{n}` counts up from `from` and makes each request one that no cache knows. */
const kinds = [
  { what: 'figures that no cache has', message: figures('{n}'), from: now - 5400 },
  { what: 'figures that are kept', message: figures(String(now - 5400)), from: 0 },
  {
    what: 'small queries that no cache has',
    message: head('GET', `${query}{n}e-3`),
    from: 1000 * (now - 3000),
  },
];

const client = startClient();
for (const { what, message, ...first } of kinds) {
  const load = { url, message, connections, ms: 1000 * seconds };
  let { from } = first;
  const offer = async (more: Partial<Offer>): Promise<Outcome> => {
    const outcome = await client.run({ ...load, from, perSecond: null, ...more });
    from += outcome.sent + 1;
    return outcome;
  };
  await offer({ ms: 3000 });
  const capacity = await offer({});
  const twice = { perSecond: 2 * capacity.answeredPerSecond, connections: 2000 };
  await offer({ ...twice, ms: 3000 });
  const before = await residentMb();
  const watch = watchHealth(url);
  const over = await offer(twice);
  const health = await watch.stop();
  const rate = ({ answeredPerSecond }: Outcome) => `${answeredPerSecond.toFixed(0)}/s`;
  rows.add(
    `${what}: answers a second at twice capacity against those at capacity`,
    `${rate(over)} : ${rate(capacity)} = ${(over.answeredPerSecond / capacity.answeredPerSecond).toFixed(2)} ×, refused ${over.refusedPerSecond.toFixed(0)}/s, other ${over.other}`,
    'at least 0.9 ×',
  );
  rows.add(
    `${what}: p99 of the answered`,
    `${over.answeredP99.toFixed(0)} ms : ${capacity.answeredP99.toFixed(0)} ms = ${(over.answeredP99 / capacity.answeredP99).toFixed(2)} ×`,
    'at most 2 ×',
  );
  rows.add(
    `${what}: p99 of the refused, and the slowest of /health (each 100 ms)`,
    `${over.refusedP99.toFixed(0)} ms, ${health.slowestMs.toFixed(0)} ms`,
    'within 50 ms, within 100 ms',
  );
  rows.add(
    `${what}: resident memory before and after`,
    `${before.toFixed(0)} MB, ${(await residentMb()).toFixed(0)} MB`,
    'level',
  );
}
client.stop();
await measureIdlers(rows, { gateway: stack.gateway?.url ?? '', identity: stack.identity, cluster });

const document = rows.document('Overload', [
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores shared by everything: service, store,`,
  'and who asks. Capacity: as many answers as 16 connections get that ask again at once; twice that is offered at',
  'a steady rate, whatever becomes of it. Both after three seconds of the same. Made by `npm run bench:overload`.',
  `Load of the machine at the end: ${(loadavg()[0] ?? 0).toFixed(1)}.`,
]);
await keepResults('overload', document);
console.log(document);

async function residentMb(): Promise<number> {
  const status = await readFile(`${proc}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
}

/** Who asks, as a process of its own. */
function startClient() {
  const child = fork(fileURLToPath(new URL('./overload/offered-load.js', import.meta.url)));
  return {
    run: (load: Offer) =>
      new Promise<Outcome>((resolve, reject) => {
        child.removeAllListeners();
        child.once('message', (message) => resolve(message as Outcome));
        child.once('exit', (code) => reject(new Error(`the client ended with ${String(code)}`)));
        child.send(load);
      }),
    stop() {
      child.removeAllListeners();
      child.kill();
    },
  };
}
