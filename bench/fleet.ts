import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { busyClusters, nodesPerCluster } from './fleet/data.js';
import { startFleetStand, type Cost, type FleetStand } from './fleet/stand.js';
import { keepResults, median, Rows } from './rows.js';

/**
 * What costs by the size of a fleet, on real daprd and Redis and a Prometheus filled by remote write. The arguments
 * are sizes; the last is the one where idling is measured.
 */
const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(100, 1_000, 4_000);
const goal = 10_000;
const rounds = 5;
const idleSeconds = 120;
const tickMs = 30_000;

/** What was measured at one size. */
interface Measured {
  readonly clusters: number;
  readonly page: Cost;
  readonly needed: Cost;
  readonly pass: Cost;
  readonly rules: number;
  readonly recordedPage: Cost;
  readonly recordedNeed: Cost;
  readonly recordedPass: Cost;
  readonly memory: { readonly service: number; readonly store: number };
  readonly series: number;
  readonly filled: number;
}

const measured: Measured[] = [];
let idle: Cost | undefined;
for (const clusters of sizes) {
  await using stand = await startFleetStand(clusters);
  console.error(`${clusters} clusters: ${stand.series} series in ${stand.filled.toFixed(0)} s`);
  const { uncached, usual } = stand;
  await stand.answer(uncached, '/clusters?limit=1');
  const list = (query: string) =>
    repeated(stand, () => stand.answer(uncached, `/clusters${query}`));
  const page = '?limit=100';
  const without = {
    page: await list(page),
    pass: await passOf(stand, clusters),
    // Of all clusters, so once.
    needed: await stand.costOf(uncached, () =>
      stand.answer(uncached, `/clusters${page}&sort=need`),
    ),
  };
  const rules = await stand.recordOnce();
  measured.push({
    clusters,
    ...without,
    rules,
    recordedPage: await list(page),
    recordedNeed: await list(`${page}&sort=need`),
    recordedPass: await passOf(stand, clusters),
    memory: await stand.memory(),
    series: stand.series,
    filled: stand.filled,
  });
  console.error(JSON.stringify(measured.at(-1)));
  if (clusters !== sizes.at(-1)) continue;
  await stand.loadRules();
  idle = await stand.costOf(usual, async () => {
    for (let passed = 0; passed < idleSeconds * 1000; passed += tickMs) {
      const began = performance.now();
      await stand.tick(usual);
      await sleep(Math.max(0, tickMs - (performance.now() - began)));
    }
  });
}

const largest = measured.at(-1);
const smaller = measured.at(-2);
const rows = new Rows();
const seconds = (value: number) => `${value.toFixed(value < 1 ? 2 : 1)} s`;

/** A figure at each size, and as it grows from the last two to the size that is wanted. */
function grown(of: (at: Measured) => number, write: (value: number) => string): string {
  const told = measured.map((at) => `${at.clusters}: ${write(of(at))}`);
  if (largest === undefined || smaller === undefined || largest.clusters >= goal)
    return told.join(', ');
  const slope = (of(largest) - of(smaller)) / (largest.clusters - smaller.clusters);
  const far = of(largest) + slope * (goal - largest.clusters);
  return `${told.join(', ')}; ${goal} by growth: ${write(Math.max(0, far))}`;
}
/** The time a cluster takes at the largest size against the size before. */
function perCluster(of: (at: Measured) => number): string {
  if (largest === undefined || smaller === undefined) return 'one size only';
  const ratio = of(largest) / largest.clusters / (of(smaller) / smaller.clusters);
  return `${ratio.toFixed(2)} x from ${smaller.clusters} to ${largest.clusters} clusters`;
}
const whole = (value: number) => value.toFixed(0);
const counts = (of: (at: Measured) => Cost) =>
  [
    `requests ${grown((at) => of(at).requests, whole)}`,
    `samples ${grown((at) => of(at).samples, whole)}`,
    `processor time of service and store ${grown((at) => of(at).cpu.service + of(at).cpu.store, seconds)}`,
  ].join('; ');

for (const [what, of, wanted] of [
  ['without rules', (at) => at.page, 'below 1 s at 1000'],
  ['with the rules', (at) => at.recordedPage, `below 1 s at ${goal}`],
  ['by need, with the rules', (at) => at.recordedNeed, `below 1 s at ${goal}`],
] as const satisfies [string, (at: Measured) => Cost, string][]) {
  rows.add(
    `\`/clusters?limit=100\`, first page, nothing kept, ${what}`,
    grown((at) => of(at).seconds, seconds),
    wanted,
  );
  rows.add('what that takes', counts(of), 'the same requests at each size');
}
rows.add(
  'first page by need without rules: all clusters by shards, and kept then',
  grown((at) => at.needed.seconds, seconds),
  'told beside them',
);
for (const [what, of] of [
  ['without rules', (at) => at.pass],
  ['with the rules', (at) => at.recordedPass],
] as const satisfies [string, (at: Measured) => Cost][]) {
  rows.add(
    `a pass of the alerts, ${what}`,
    grown((at) => of(at).seconds, seconds),
    'below ALERT_INTERVAL (1 min)',
  );
  rows.add('what that takes', counts(of), 'a fixed number of requests a shard');
  rows.add(
    'its processor time a cluster, of service and store together',
    perCluster((at) => of(at).cpu.service + of(at).cpu.store),
    'at most 1.2 x',
  );
}
rows.add(
  'one evaluation of all recording rules in the store',
  grown((at) => at.rules, seconds),
  'below its interval (1 min)',
);
rows.add(
  'most memory of bud-metrics',
  grown(
    (at) => at.memory.service,
    (mb) => `${mb.toFixed(0)} MB`,
  ),
  'below 512 MB',
);
if (idle !== undefined && largest !== undefined) {
  const share = (cpu: number, over: number) => `${((100 * cpu) / over).toFixed(1)} %`;
  rows.add(
    `an idle fleet of ${largest.clusters} with the rules: share of a core, over ${idleSeconds} s of ticks`,
    `bud-metrics ${share(idle.cpu.service, idle.seconds)}; the store ${share(idle.cpu.store, idle.seconds)}, most of it for the rules and for what it is written`,
    `below 5 % in the service at ${goal}`,
  );
}
await keepResults(
  'fleet',
  rows.document('What costs by the size of a fleet', [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, Prometheus 3.16.0; ${cpus().length} cores shared by everything, other work on them.`,
    `${nodesPerCluster} nodes a cluster, 23 series a node, a sample a minute; one cluster in 100 has alerts on all its nodes.`,
    `Written by remote write: ${measured.map((at) => `${at.series} series in ${at.filled.toFixed(0)} s`).join(', ')}.`,
    `"By growth" is what the last two sizes make of ${goal} clusters. Made by \`npm run bench:fleet\`.`,
  ]),
);

/** The middle of some costs by their time. */
async function repeated(stand: FleetStand, work: () => Promise<unknown>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round += 1)
    costs.push(await stand.costOf(stand.uncached, work));
  const middle = median(costs.map((cost) => cost.seconds));
  const cost = costs.find((one) => one.seconds === middle);
  if (cost === undefined) throw new Error('there were no rounds');
  return cost;
}

/** A pass once all alerts are known, which must be those of the busy clusters. */
async function passOf(stand: FleetStand, clusters: number): Promise<Cost> {
  await stand.tick(stand.uncached);
  await sleep(1_000);
  const cost = await stand.costOf(stand.uncached, () => stand.tick(stand.uncached));
  const body = JSON.parse(await stand.answer(stand.uncached, '/alerts?limit=1')) as {
    data: { total: number };
  };
  const expected = busyClusters(clusters) * nodesPerCluster;
  if (body.data.total !== expected)
    throw new Error(`${body.data.total} alerts instead of ${expected}`);
  return cost;
}
