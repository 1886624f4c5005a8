import { setTimeout as sleep } from 'node:timers/promises';
import { busyClusters, nodesPerCluster } from './fleet/data.js';
import { startFleetStand, type Cost, type FleetStand } from './fleet/stand.js';
import { keepFigures, type Measured } from './fleet/report.js';
import { median } from './rows.js';

/**
 * What costs by the size of a fleet, on real daprd and Redis and a Prometheus filled by remote write. The arguments
 * are sizes; the last is the one where idling is measured.
 */
const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(100, 1_000, 4_000);
const rounds = 5;
const idleSeconds = 120;
const tickMs = 30_000;

const measured: Measured[] = [];
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
    // Of all clusters, so once; a large fleet may take longer than a request may.
    needed: await stand.costOf(uncached, () =>
      stand.answer(uncached, `/clusters${page}&sort=need`).catch(() => null),
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
  await keepFigures(measured);
  if (clusters !== sizes.at(-1)) continue;
  await stand.loadRules();
  const idle = await stand.costOf(usual, async () => {
    for (let passed = 0; passed < idleSeconds * 1000; passed += tickMs) {
      const began = performance.now();
      await stand.tick(usual);
      await sleep(Math.max(0, tickMs - (performance.now() - began)));
    }
  });
  await keepFigures(measured, idle);
}

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
