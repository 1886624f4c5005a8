import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import type { Offer, Outcome } from './overload/offered-load.js';
import { measureIdlers } from './overload/idlers.js';
import { cluster, startOverloadSystem } from './overload/system.js';
import { watchHealth } from './overload/health-watch.js';
import { cpuSeconds, procOf } from './process-cost.js';
import { startLoadProcess } from './load-process.js';
import { keepResults, median, Rows } from './rows.js';

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

/** With the processor time of the service for each answer, that of refusals included: who else is busy does not show. */
type Costly = Outcome & { readonly costMs: number };

/** Who asks, as a process of its own. */
const client = startLoadProcess<Offer, Outcome>(
  new URL('./overload/offered-load.js', import.meta.url),
);
for (const { what, message, ...first } of kinds) {
  const load = { url, message, connections, warmUpMs: 3000, ms: 1000 * seconds };
  let { from } = first;
  const offer = async (more: Partial<Offer>): Promise<Costly> => {
    const spent = await cpuSeconds(proc);
    const outcome = await client.run({ ...load, from, perSecond: null, ...more });
    from += outcome.sent + 1;
    return { ...outcome, costMs: (1000 * ((await cpuSeconds(proc)) - spent)) / outcome.answered };
  };
  const rounds: { capacity: Costly; over: Costly; slowestMs: number }[] = [];
  const before = await residentMb();
  for (let round = 0; round < 3; round += 1) {
    const capacity = await offer({});
    const watch = watchHealth(url);
    const over = await offer({ perSecond: 2 * capacity.answeredPerSecond, connections: 2000 });
    rounds.push({ capacity, over, ...(await watch.stop()) });
  }
  const of = (figure: (round: (typeof rounds)[number]) => number) => median(rounds.map(figure));
  const rate = (side: 'capacity' | 'over') =>
    `${of((round) => round[side].answeredPerSecond).toFixed(0)}/s`;
  const against = (figure: 'answeredPerSecond' | 'answeredP99') =>
    of(({ capacity, over }) => over[figure] / capacity[figure]).toFixed(2);
  const p99 = (side: 'capacity' | 'over') =>
    `${of((round) => round[side].answeredP99).toFixed(0)} ms`;
  rows.add(
    `${what}: answers a second at twice capacity against those at capacity`,
    `${rate('over')} : ${rate('capacity')}, ${against('answeredPerSecond')} ×; refused ${of(({ over }) => over.refusedPerSecond).toFixed(0)}/s, other ${of(({ over }) => over.other)}`,
    'at least 0.9 ×',
  );
  const cost = (side: 'capacity' | 'over') => of((round) => round[side].costMs).toFixed(2);
  rows.add(
    `${what}: processor time of the service for each answer, refusals included`,
    `${cost('over')} ms : ${cost('capacity')} ms, ${of(({ capacity, over }) => over.costMs / capacity.costMs).toFixed(2)} ×`,
    'at most 1.11 × (0.9 × the answers)',
  );
  rows.add(
    `${what}: p99 of the answered (the client itself is late by ${of(({ over }) => over.clientP99).toFixed(0)} ms)`,
    `${p99('over')} : ${p99('capacity')}, ${against('answeredP99')} ×`,
    'at most 2 ×',
  );
  rows.add(
    `${what}: p99 of the refused, and the slowest of /health (each 100 ms)`,
    `${of(({ over }) => over.refusedP99 ?? 0).toFixed(0)} ms, ${of(({ slowestMs }) => slowestMs).toFixed(0)} ms`,
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
  'a steady rate, whatever becomes of it. Medians of three rounds in turns, each after three seconds of the same. Made by `npm run bench:overload`.',
  `Load of the machine at the end: ${(loadavg()[0] ?? 0).toFixed(1)} (above 3 somebody else was busy, too: times then say little, processor time does).`,
]);
await keepResults('overload', document);
console.log(document);

async function residentMb(): Promise<number> {
  const status = await readFile(`${proc}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
}
