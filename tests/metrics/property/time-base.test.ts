import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startService, type TestService } from '../support/service.js';
import { startStore, stores } from '../support/store.js';
import { createTestSidecar } from '../support/sidecar.js';
import { createRandom } from './random.js';
import { differences, lowThresholds } from './same-answers.js';
import { randomCluster, seriesOf, truthOf, type Counter, type RandomNode } from './random-fleet.js';

/** `npm run test:property` has more of them; a seed that failed is given again by PROPERTY_SEED. */
const { PROPERTY_FLEETS: fleets, PROPERTY_SEED: given } = process.env;
const count = Number(fleets ?? 15);
const seed = Number(given ?? (fleets === undefined ? 41 : Date.now() % 1e6));

const end = Date.parse('2026-03-10T16:00:00Z') / 1000;
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;

const random = createRandom(seed);
const clusters = Array.from({ length: count }, (_, index) =>
  randomCluster(random, `30000000-0000-4000-8000-${String(index).padStart(12, '0')}`, end),
)
  // A cluster whose every scrape was lost does not exist.
  .filter((cluster) => seriesOf(cluster).length > 0);
const windows = clusters.map(() => [
  { start: end - 600, end },
  { start: midnight, end },
  ...Array.from({ length: 2 }, () => {
    const length = Math.exp(random.between(Math.log(600), Math.log(8 * 3600)));
    const last = Math.round(end - random.between(0, 6 * 3600));
    return { start: Math.round(last - length), end: last };
  }),
]);

/** What is wrong with a mean and its covered seconds. */
function faultsOf(
  node: RandomNode,
  counter: Counter,
  window: { start: number; end: number },
  found: { mean: number | null; covered?: number | null },
): string[] {
  const { interval, times } = counter.target;
  const truth = truthOf(counter, window.start, window.end);
  const faults: string[] = [];
  if (found.covered !== undefined) {
    const covered = found.covered ?? 0;
    if (covered > window.end - window.start)
      faults.push(`covers ${covered} s, more than there are`);
    // Where scrapes are lost, what is between two samples is more than an interval.
    const slack = Math.max(interval, truth.longest) + 1;
    if (Math.abs(covered - truth.covered) > slack && truth.seconds > 0)
      faults.push(`covers ${covered} s, not ${truth.covered.toFixed(0)}`);
  }
  // A second job saw another part of a ramp.
  const targets = found.covered === undefined && node.second ? [counter.target, node.second] : [];
  const all = [
    truth,
    ...targets.map((target) => truthOf({ ...counter, target }, window.start, window.end)),
  ];
  const means = all.flatMap(({ known }) => known ?? []);
  if (truth.known === null) return faults;
  if (found.mean === null) {
    // A pair over the edge of the window may be all there is.
    if (truth.seconds > 2.2 * interval) faults.push(`is missing, not ${truth.known.mean}`);
    return faults;
  }
  // What a restart hides is the growth of one scrape, which nobody knows.
  const hidden = node.resets
    .filter((reset) => reset > window.start - 600 && reset < window.end)
    .reduce((sum, reset) => {
      const after = times.findIndex((time) => time >= reset);
      const gap = after > 0 ? Math.min(300, times[after]! - times[after - 1]!) : 0;
      return sum + (1.5 * Math.max(gap, interval)) / truth.seconds;
    }, 0);
  const slack = node.isRamp ? 0.02 : 0.005;
  const least =
    Math.min(...means.map(({ mean, clipped, begun }) => Math.min(mean, clipped, begun))) *
    (1 - slack - hidden);
  const most =
    Math.max(
      ...means.map(({ mean, real, clipped, begun }) =>
        Math.max(real, clipped, begun, mean * (1 + hidden)),
      ),
    ) *
    (1 + slack);
  if (found.mean < least || found.mean > most)
    faults.push(`is ${found.mean}, not ${truth.known.mean} (every ${interval.toFixed(0)} s)`);
  return faults;
}

describe.each(stores)('random fleets on the store: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;
  let service: TestService;

  beforeAll(async () => {
    const series = clusters.flatMap(seriesOf);
    store = await startStore([{ start: midnight - 600, end, interval: 30, series }], version);
    service = await startService({
      prometheus: store.url,
      now: end,
      environment: lowThresholds,
      dapr: createTestSidecar().dapr,
    });
  }, 600_000);

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store.stop();
  });

  it(`have the figures of their input: ${count} fleets of seed ${seed}`, async () => {
    const faults: string[] = [];
    for (const [index, { id, nodes }] of clusters.entries()) {
      for (const window of windows[index]!) {
        const query = `start=${window.start}&end=${window.end}&series=false`;
        const answer = await service.metrics(id, query);
        for (const node of nodes) {
          const entry = answer.nodes[`${node.ip}:9100`];
          const cpu = entry?.cpu?.average ?? null;
          const mbps = entry?.network_in?.average ?? null;
          // Where node-exporter was not there in the window, nothing says whose this is.
          const power = (entry ?? answer.nodes[`${node.ip}:9102`])?.power;
          const say = (what: string, own: readonly string[]) => {
            const where = `${id.slice(-4)} ${node.ip} [${window.start - end}, ${window.end - end}]`;
            faults.push(...own.map((fault) => `${where} ${what} ${fault}`));
          };
          const { counters } = node;
          say(
            'cpu',
            faultsOf(node, counters.cpu, window, { mean: cpu === null ? null : cpu / 100 }),
          );
          const bytes = mbps === null ? null : mbps * 125_000;
          say('network', faultsOf(node, counters.network, window, { mean: bytes }));
          const mean = power?.average_watts ?? null;
          const covered = power?.covered_seconds ?? null;
          say('power', faultsOf(node, counters.power, window, { mean, covered }));
        }
      }
    }
    expect(faults).toEqual([]);
  }, 3_600_000);

  it('say the same everywhere', async () => {
    const found = await differences(service, { store: store.url, at: end, clusters });
    expect(found).toEqual([]);
  }, 3_600_000);
});
