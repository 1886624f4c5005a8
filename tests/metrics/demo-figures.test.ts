import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoFleet, demoPlan, fleetSeries } from '../../stack/src/fleet/index.js';
import { gpuSignals, nodeSignals } from '../../stack/src/fleet/series/node-signals.js';
import { meanOver, type Signal } from '../../stack/src/fleet/series/signal.js';
import { createTerminalStyle } from '../../stack/src/demo/terminal-style.js';
import { fleetTable } from '../../stack/src/demo/views/fleet.js';
import { expectNear, gib } from './support/near.js';
import { startService, type TestService } from './support/service.js';
import { startStore, stores } from './support/store.js';

// No multiple of any interval, so that no node has a sample at this moment.
const end = Date.parse('2026-03-10T12:34:56Z') / 1000;
const fleet = demoFleet({ anchor: end });
const field = fleet.clusters.find(({ name }) => name === 'field-mixed')!;
const all = field.nodes.map((node) => nodeSignals(fleet, field, node));
const nodes = all.filter(({ exists }) => exists(end));

/** The samples of the demo: history, and what its exporter goes on with. */
const plan = demoPlan(end);
const series = fleetSeries({ ...fleet, clusters: [field] }).map(
  ({ name, labels, value, tier, interval }) => ({
    name,
    labels,
    times: plan.slices
      .flatMap((slice) => plan.times(tier, slice, interval))
      .filter((t) => t > end - 2 * 3600 && value(t) !== undefined)
      .sort((a, b) => a - b),
    values: (_elapsed: number, t: number) => value(t),
  }),
);

const sum = (of: (node: (typeof nodes)[number]) => number) =>
  nodes.reduce((total, node) => total + of(node), 0);
const tenMinutes = (signal: Signal) => meanOver(signal, 600, end);

describe.each(stores)('the figures of the demo that are like those in the field: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;
  let service: TestService;
  beforeAll(async () => {
    const own = series.filter(({ times }) => times.length > 0);
    store = await startStore([{ start: end - 86_400, end, interval: 60, series: own }], version);
    service = await startService({ prometheus: store.url, now: end });
  }, 180_000);
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store.stop();
  });

  it('are what its signals say', async () => {
    const metrics = await service.metrics(field.id, 'time_range=10min&series=false');
    const { cluster_summary: figures, coverage } = metrics;
    expect(coverage).toMatchObject({ nodes_expected: 5, nodes_reporting: 5 });

    const cores = sum(({ node }) => node.cores);
    const busy = sum(({ node, busy }) => node.cores * tenMinutes(busy));
    expect(figures.cpu!.cores).toBe(cores);
    expectNear(figures.cpu!.average, (100 * busy) / cores, 0.01);
    const bits = sum(({ receive, transmit }) => 8 * (tenMinutes(receive) + tenMinutes(transmit)));
    expectNear(figures.network_bandwidth!.average, bits / 1e6, 0.01);
    expect(figures.memory!.total_gib).toBe(sum(({ node }) => node.memoryBytes / gib));
    const used = sum(({ node, memory }) => (node.memoryBytes / gib) * memory.at(end));
    expectNear(figures.memory!.used_gib, used, 0.01);
    expect(figures.storage!.total_gib).toBe(sum(({ node }) => node.diskBytes / gib));
    const stored = sum(({ node, disk }) => (node.diskBytes / gib) * disk(end));
    expectNear(figures.storage!.used_gib, stored);
    const metered = nodes.filter(({ node }) => node.rapl);
    const watts = metered.reduce((total, { packageWatts }) => total + tenMinutes(packageWatts), 0);
    expectNear(figures.power!.average_watts, watts, 0.01);

    const immutable = metrics.nodes['10.30.0.13:9100'];
    expect(immutable!.storage).toMatchObject({ mountpoint: '/var', total_gib: 200 });
    expect(metrics.nodes['10.30.0.15:9100']!.hostname).toBe('field-after');
  });

  it('have one GPU of all its slices', async () => {
    const { nodes: found } = await service.metrics(field.id, 'metric_type=gpu&series=false');
    const [gpu] = field.nodes.flatMap(({ gpus }) => gpus);
    const signals = gpuSignals(fleet, gpu!);
    const { devices, ...whole } = found['10.30.0.14:9100']!.gpu!;
    expect(devices).toHaveLength(1);
    // Of eight parts of memory and seven of compute the slices have seven.
    const total = ((gpu!.memoryBytes / gib) * 7) / 8;
    expectNear(whole.memory_total_gib, total);
    expectNear(whole.memory_used_gib, total * signals.memory.at(end), 0.01);
    expectNear(whole.utilization_percent, 100 * signals.use.at(end), 0.01);
    expectNear(whole.watts, signals.watts.at(end), 0.01);
  });

  it('know who held an address before', async () => {
    const details = await service.nodeMetrics(field.id);
    expect(details.nodes['10.30.0.15']).toMatchObject({ hostname: 'field-after' });
    expect(details.warnings.map(({ code }) => code)).toContain('address_reused');
  });

  it('stand in the table', async () => {
    const metrics = await service.metrics(field.id, 'time_range=10min&series=false');
    const view = { name: field.name, metrics, nodes: await service.nodeMetrics(field.id) };
    const row = fleetTable([view], createTerminalStyle(false)).split('\n').at(-1)!;
    const [, reporting, ready, cpu, memory, storage, network, power] =
      /(\d of \d) +(\d of \d) +[█░]+ +(\d+) % +[█░]+ +(\d+) % +[█░]+ +(\d+) % +(\d+) Mbps +(\d+) W/.exec(
        row,
      ) ?? [];
    expect([reporting, ready]).toEqual(['5 of 5', '5 of 5']);
    const near = (text: string | undefined, expected: number, slack: number) =>
      expect(Math.abs(Number(text) - expected)).toBeLessThanOrEqual(slack);
    const percent = (whole: number, part: number) => (100 * part) / whole;
    near(
      cpu,
      percent(
        sum(({ node }) => node.cores),
        sum(({ node, busy }) => node.cores * meanOver(busy, 300, end)),
      ),
      1,
    );
    near(
      memory,
      percent(
        sum(({ node }) => node.memoryBytes),
        sum(({ node, memory }) => node.memoryBytes * memory.at(end)),
      ),
      1,
    );
    near(
      storage,
      percent(
        nodes.length,
        sum(({ disk }) => disk(end)),
      ),
      1,
    );
    const bytes = sum(({ receive, transmit }) => tenMinutes(receive) + tenMinutes(transmit));
    near(network, (8 * bytes) / 1e6, 3);
    near(
      power,
      sum(({ node, packageWatts }) => (node.rapl ? tenMinutes(packageWatts) : 0)),
      1,
    );
  });
});
