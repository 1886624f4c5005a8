import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FleetCluster } from '@bud-monitoring/contracts';
import type { KnownSeries } from '../../stack/src/fleet/index.js';
import { day, expectNear } from './support/near.js';
import { every, sampledNode, type SampledNode } from './support/sampled-node.js';
import { startService, type TestService } from './support/service.js';
import { startStore, stores } from './support/store.js';

const end = Date.parse('2026-03-10T16:00:00Z') / 1000;
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;
const from = midnight - 600;

/** Whether a scrape is lost; the same ones in each run. */
const losing = (share: number) => {
  let state = 7;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 < share;
  };
};

interface Case {
  readonly name: string;
  readonly id: string;
  readonly nodes: readonly Omit<SampledNode, 'cluster'>[];
}

const cases: Case[] = [];
const add = (name: string, nodes: Case['nodes']) => {
  const id = `20000000-0000-4000-8000-${String(cases.length).padStart(12, '0')}`;
  cases.push({ name, id, nodes });
  return id;
};
const two = (name: string, one: readonly number[], other: readonly number[]) =>
  add(name, [
    { ip: '10.0.0.1', times: [one] },
    { ip: '10.0.0.2', times: [other] },
  ]);
const all = (interval: number, phase = 0, more: Partial<Parameters<typeof every>[1]> = {}) =>
  every(interval, { from, to: end, phase, ...more });

two('intervals of 15 s and 60 s', all(15), all(60, 7));
two('intervals of 30 s and 60 s', all(30), all(60, 7));
two('a node that loses 30 % of its scrapes', all(30), all(30, 7, { lost: losing(0.3) }));
for (const interval of [7, 35, 44, 120, 200, 240])
  two(`an interval of ${interval} s`, all(interval, 50 % interval), all(interval, interval - 1));
two('newest samples 44 s old', all(30, 0, { to: end - 44 }), all(30, 7, { to: end - 44 }));
const silent = two(
  'newest samples 290 s old',
  all(30, 10, { to: end - 290 }),
  all(30, 7, { to: end - 290 }),
);
for (const age of [95, 150, 330, 391])
  two(
    `a history of ${age} s`,
    every(30, { from: end - age, to: end }),
    every(30, { from: end - age + 11, to: end }),
  );
add('one target scraped by two jobs', [
  { ip: '10.0.0.1', times: [all(15), all(60, 7)] },
  { ip: '10.0.0.2', times: [all(30)] },
]);
add('two senders for 94 s', [
  {
    ip: '10.0.0.1',
    times: [
      every(15, { from: end - 3000, to: end }),
      every(15, { from: end - 2996, to: end - 2906 }),
    ],
  },
  { ip: '10.0.0.2', times: [every(15, { from: end - 3000, to: end, phase: 3 })] },
]);
const alike = [...cases];

const slowest = add('every 300 s', [{ ip: '10.0.0.1', times: [all(300, 130)] }]);
const lone = add('one node that loses scrapes', [
  { ip: '10.0.0.1', times: [all(30, 0, { lost: losing(0.1) })] },
]);
const shortLived = add('a node that came and went', [
  { ip: '10.0.0.1', times: [every(30, { from: midnight - day, to: end })], cpu: 0.1 },
  {
    ip: '10.0.0.2',
    times: [every(30, { from: midnight + 9 * 3600 + 1200, to: midnight + 11 * 3600 + 2400 })],
    ...{ cpu: 0.9, cores: 16, memory: 64e9, base: 0 },
  },
]);
const brief = add('a quarter of an hour, then silence', [
  { ip: '10.0.0.1', times: [every(15, { from: end - 1300, to: end - 400 })], cpu: 0.385, base: 0 },
]);
const young = add('a new cluster', [
  { ip: '10.0.0.1', times: [every(15, { from: end - 100, to: end })], cpu: 0.58, base: 0 },
]);
const uneven = add('one busy node of two', [
  { ip: '10.0.0.1', times: [every(15, { from: end - 900, to: end })], mbps: 50 },
  { ip: '10.0.0.2', times: [every(15, { from: end - 893, to: end })], mbps: 0.001 },
]);
const inside = add('a history that begins inside the window', [
  { ip: '10.0.0.1', times: [every(15, { from: end - 1200, to: end })], cpu: 0.5, watts: 100 },
]);
const before = add('a history that begins inside the window before', [
  { ip: '10.0.0.1', times: [every(15, { from: end - 4800, to: end })] },
]);

describe.each(stores)('on the store: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;
  let service: TestService;

  beforeAll(async () => {
    const series: KnownSeries[] = cases.flatMap(({ id, nodes }) =>
      nodes.flatMap((node) => sampledNode({ ...node, cluster: id })),
    );
    store = await startStore([{ start: from, end, interval: 30, series }], version);
    service = await startService({ prometheus: store.url, now: end });
  }, 240_000);

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store.stop();
  });

  describe.each(alike)('$name', ({ id, nodes }) => {
    it.each(['time_range=10min', 'time_range=today'])(
      'has the figures of the input: %s',
      async (range) => {
        const answer = await service.metrics(id, `${range}&series=false`);
        for (const { ip } of nodes) {
          const { cpu, network_in: network, memory } = answer.nodes[`${ip}:9100`]!;
          expectNear(cpu!.usage_percent, 25);
          expectNear(cpu!.average, 25);
          expectNear(network!.inbound_mbps, 10);
          expectNear(network!.average, 10);
          expectNear(memory!.average, 25);
          expectNear(answer.nodes[`${ip}:9100`]!.power!.average_watts, 40);
        }
        const { cluster_summary: summary } = answer;
        expectNear(summary.cpu!.usage_percent, 25);
        expectNear(summary.cpu!.average, 25);
        expectNear(summary.network_in!.average, 20);
        expectNear(summary.power!.average_watts, 80);
        expect(answer.warnings.map(({ code }) => code)).not.toContain('query_failed');
      },
    );

    it('has the same current figures on every route', async () => {
      const { nodes: details } = await service.nodeMetrics(id);
      for (const { ip } of nodes) {
        expectNear(details[ip]!.cpu.usage_percent, 25);
        expectNear(details[ip]!.network.stats.receive_errors.current, 0.5);
      }
    });
  });

  it('has the same CPU in the summary of the fleet', async () => {
    const { body } = await service.get('/clusters?limit=100');
    const { clusters } = body.data as { clusters: FleetCluster[] };
    for (const { id } of alike)
      expectNear(clusters.find(({ cluster_id: own }) => own === id)!.cpu.usage_percent, 25);
  });

  it('covers no more than the window, nor than was there', async () => {
    for (const range of ['10min', 'today']) {
      const { nodes } = await service.metrics(slowest, `time_range=${range}&series=false`);
      const { power } = nodes['10.0.0.1:9100']!;
      expectNear(power!.average_watts, 40);
      expect(power!.covered_seconds).toBeLessThanOrEqual(range === '10min' ? 600 : 57_600);
    }
    const query = `start=${end - 3600}&end=${end}&step=60`;
    const { nodes } = await service.metrics(inside, query);
    const { cpu, network_in: network, power } = nodes['10.0.0.1:9100']!;
    expectNear(cpu!.average, 50);
    expectNear(network!.average, 10);
    expectNear(power!.average_watts, 100);
    expectNear(power!.total_kwh, (100 * 1200) / 3.6e6);
    expectNear(power!.covered_seconds, 1200);
    const { nodes: silently } = await service.metrics(silent, 'time_range=10min&series=false');
    expectNear(silently['10.0.0.1:9100']!.power!.covered_seconds, 310);
  });

  it('covers the time in which scrapes were lost', async () => {
    const { nodes } = await service.metrics(lone, 'series=false');
    const { power } = nodes['10.0.0.1:9100']!;
    expectNear(power!.total_kwh, (40 * 57_600) / 3.6e6);
    expectNear(power!.covered_seconds, 57_600);
  });

  it('weighs a node by the time it was there', async () => {
    const share = (seconds: number) =>
      (100 * (2 * 0.1 * seconds + 16 * 0.9 * 8400)) / (2 * seconds + 16 * 8400);
    const inBytes = (seconds: number) =>
      (100 * (8 * 0.1 * seconds + 64 * 0.9 * 8400)) / (8 * seconds + 64 * 8400);
    const windows = [
      [`start=${midnight + 9 * 3600}&end=${midnight + 12 * 3600}`, 3 * 3600],
      ['time_range=today', 57_600],
      ['time_range=7days', 57_600 + day],
      ['time_range=month', 57_600 + day],
    ] as const;
    for (const [query, seconds] of windows) {
      const { nodes, cluster_summary: summary } = await service.metrics(
        shortLived,
        `${query}&series=false`,
      );
      expectNear(nodes['10.0.0.2:9100']!.cpu!.average, 90);
      expectNear(summary.cpu!.average, share(seconds));
      expectNear(summary.memory!.average, inBytes(seconds));
    }
  });

  it('knows a cluster that was there for minutes', async () => {
    for (const range of ['10min', 'today', '7days', 'month']) {
      for (const [id, percent] of [
        [brief, 38.5],
        [young, 58],
      ] as const) {
        const { nodes, cluster_summary: summary } = await service.metrics(
          id,
          `time_range=${range}&series=true`,
        );
        expectNear(nodes['10.0.0.1:9100']!.cpu!.average, percent);
        expectNear(summary.cpu!.average, percent);
      }
    }
    const { cluster_summary: summary } = await service.metrics(brief, 'series=columns');
    const { values } = summary.cpu!.time_series as { values: (number | null)[] };
    const seen = values.filter((value) => value !== null);
    expect(seen.length).toBeGreaterThanOrEqual(3);
    for (const value of seen) expectNear(value, 38.5);
  });

  it('adds nodes up to the cluster', async () => {
    const { nodes, cluster_summary: summary } = await service.metrics(uneven, 'series=false');
    const [busy, idle] = ['10.0.0.1:9100', '10.0.0.2:9100'].map(
      (key) => nodes[key]!.network_in!.average,
    );
    expectNear(busy, 50);
    expectNear(summary.network_in!.average, busy! + idle!);
  });

  it('warns of samples from the future', async () => {
    service.now = end - 120;
    const now = await service.metrics(lone, 'series=false&metric_type=cpu');
    const answers = [now, await service.nodeMetrics(lone)];
    service.now = end;
    answers.push(await service.metrics(lone, `start=${end - 900}&end=${end - 300}&series=false`));
    expect(
      answers.map(({ warnings }) => warnings.some(({ code }) => code === 'samples_from_future')),
    ).toEqual([true, true, false]);
  });

  it('has the key of a series without points', async () => {
    const query = `start=${end - 4000}&end=${end - 400}&step=2h&metric_type=cpu`;
    const seriesIn = async (form: string) =>
      (await service.metrics(lone, `${query}&series=${form}`)).cluster_summary.cpu!.time_series;
    expect(await seriesIn('columns')).toMatchObject({ values: [] });
    expect(await seriesIn('true')).toEqual([]);
  });

  it('compares with a window before that was covered in part', async () => {
    const { nodes } = await service.metrics(before, `start=${end - 3600}&end=${end}&series=false`);
    const { cpu, network_in: network } = nodes['10.0.0.1:9100']!;
    expectNear(cpu!.previous_average, 25);
    expectNear(cpu!.change_percent, 0);
    expectNear(network!.change_percent, 0);
  });
});
