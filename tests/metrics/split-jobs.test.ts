import { describe, expect, it } from '@jest/globals';
import type { FleetCluster } from '@bud-monitoring/contracts';
import { ramp, type KnownSeries } from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { expectNear } from './support/near.js';
import { every } from './support/sampled-node.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const split = '20400000-0000-4000-8000-000000000001';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 3 * 3600, interval: 30 };

/** What a job scrapes alone (`collect[]`), and how often. */
const jobs = [
  { job: 'processors', interval: 15, of: /cpu/ },
  { job: 'network', interval: 100, of: /network/ },
  { job: 'others', interval: 240, of: /memory|uname|filesystem/ },
];

/** A node of which no job scrapes everything. */
function node(index: number, ports: readonly number[], from = sampled.start): KnownSeries[] {
  return jobs.flatMap(({ job, interval, of }, at) => {
    const instance = `10.0.0.${index}:${ports[at] ?? ports[0] ?? 0}`;
    const values = { nodename: `n${index}`, busy: ramp(0.25), received: ramp(1_250_000) };
    return nodeSeries({ cluster: split, job, instance }, values)
      .filter(({ name }) => of.test(name) || name === 'node_uname_info')
      .map((one) => ({ ...one, times: every(interval, { from, to: end, phase: 7 * at }) }));
  });
}

const all = [...node(1, [9100]), ...node(2, [9100, 9101, 9102]), ...node(3, [9100], end - 1500)];

describe.each(stores)('jobs that share the collectors of a node, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it.each(['time_range=10min', 'time_range=today', `start=${end - 7200}&end=${end}&step=60`])(
    'tell together what it does: %s',
    async (query) => {
      const { nodes, cluster_summary: summary } = await service.metrics(split, query);
      expect(Object.values(nodes).map(({ hostname }) => hostname)).toHaveLength(3);
      for (const { cpu, memory, network_in: network } of Object.values(nodes)) {
        expectNear(cpu!.usage_percent, 25);
        expectNear(cpu!.average, 25);
        expectNear(network!.inbound_mbps, 10);
        expectNear(network!.average, 10);
        expectNear(memory!.average, 75);
      }
      expectNear(summary.cpu!.usage_percent, 25);
      expectNear(summary.cpu!.average, 25);
    },
  );

  it('say the same on every route', async () => {
    const { nodes } = await service.nodeMetrics(split);
    for (const { cpu } of Object.values(nodes)) expectNear(cpu.usage_percent, 25);
    const { body } = await service.get('/clusters');
    const { clusters } = body.data as { clusters: FleetCluster[] };
    expect(clusters[0]).toMatchObject({ nodes: 3, cpu: { usage_percent: 25, cores: 6 } });
  });
});

const counted = '20400000-0000-4000-8000-000000000002';
const day = 86_400;
const month = { start: end - 16 * day, end, interval: 120 };

/** A node of which a job takes nothing but counters, for as long as it is there. */
const counters = (index: number, busy: number, alive: (elapsed: number) => boolean = () => true) =>
  nodeSeries(
    { cluster: counted, job: 'counters', instance: `10.0.0.${index}:9100` },
    { nodename: null, busy: ramp(busy), received: ramp(1_250_000), alive },
  ).filter(({ name }) => /cpu|network/.test(name));

const ofCounters = [
  ...nodeSeries(
    { cluster: counted, job: 'all', instance: '10.0.0.1:9100' },
    { nodename: 'n1', busy: ramp(0.25), received: ramp(1_250_000) },
  ),
  ...counters(2, 0.5),
  // It came and another one went while older samples are not read one by one.
  ...counters(3, 0.8, (elapsed) => elapsed >= 11 * day),
  ...counters(4, 0.8, (elapsed) => elapsed < 12 * day),
];

describe.each(stores)('a job that takes counters alone, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...month, series: ofCounters }, (started) => (service = started));

  it('has means of all that there was, however long ago', async () => {
    const { nodes, cluster_summary: summary } = await service.metrics(
      counted,
      'time_range=7days&series=true&metric_type=cpu',
    );
    const told = [25, 50, 80, 80].map((usage, index) => {
      const { average, time_series: points } = nodes[`10.0.0.${index + 1}:9100`]!.cpu!;
      expectNear(average, usage);
      return (points as { value: number | null }[]).filter(({ value }) => value !== null).length;
    });
    // Steps of six hours.
    expect(told.slice(0, 2)).toEqual([29, 29]);
    expect(told[2]).toBeGreaterThanOrEqual(20);
    expect(told[3]).toBeGreaterThanOrEqual(12);
    expectNear(summary.cpu!.average, (7 * 25 + 7 * 50 + 5 * 80 + 3 * 80) / (7 + 7 + 5 + 3));
    expectNear(summary.cpu!.previous_average, (25 + 50 + 80) / 3);
  });

  it.each([
    'time_range=month&series=false',
    `start=${end - 8 * day}&end=${end - 6 * day}&step=3600`,
  ])('has them in a window that is longer or of the past: %s', async (query) => {
    const { nodes } = await service.metrics(counted, query);
    for (const [index, usage] of [25, 50, 80, 80].entries()) {
      const node = nodes[`10.0.0.${index + 1}:9100`];
      if (index === 2 && !query.startsWith('time_range')) continue;
      expectNear(node!.cpu!.average, usage);
      expectNear(node!.network_in!.average, 10);
    }
  });
});
