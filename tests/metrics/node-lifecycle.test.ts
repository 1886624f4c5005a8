import { describe, expect, it } from '@jest/globals';
import { ramp, series, steps, type KnownSeries } from '../../stack/src/fleet/index.js';
import { growthOf } from './support/answers.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { day, expectNear, gib, mbps } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const coming = '0b000000-0000-4000-8000-000000000001';
const gaps = '0b000000-0000-4000-8000-000000000002';
const young = '0b000000-0000-4000-8000-000000000003';
const bare = '0b000000-0000-4000-8000-000000000004';
const only = '0b000000-0000-4000-8000-000000000006';
const wild = '0b000000-0000-4000-8000-000000000005';
const resized = '0b000000-0000-4000-8000-000000000007';
const grown = '0b000000-0000-4000-8000-000000000009';
const past = '0b000000-0000-4000-8000-000000000008';

const end = Date.parse('2026-03-10T18:00:00Z') / 1000;
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;
const sampled = { start: end - 2 * day, interval: 30 };
/** Seconds after the first sample. */
const at = (time: number) => time - sampled.start;
const noon = at(midnight + 12 * 3600);
const six = at(midnight + 6 * 3600);

const node = (cluster: string, name: string) => ({
  cluster,
  job: 'node-exporter',
  instance: `${name}:9100`,
});

/** One node all the time, one until noon, one from six on. */
const comingSeries = [
  ...nodeSeries(node(coming, 'stays'), { received: ramp(1_000_000) }),
  ...nodeSeries(node(coming, 'leaves'), {
    received: ramp(2_000_000),
    free: steps([[0, 8 * gib]]),
    alive: (elapsed) => elapsed <= noon,
    cores: 4,
    busy: ramp(0.9),
  }),
  ...nodeSeries(node(coming, 'comes'), {
    received: ramp(4_000_000),
    alive: (elapsed) => elapsed >= six,
  }),
];

/** Restarts whose counters begin anew, gaps in which they went on, and both at once. */
const restarts = ramp(3_000_000, { resets: [six, noon] });
const gapSeries = [
  ...nodeSeries(node(gaps, 'restarts'), { received: restarts }),
  ...nodeSeries(node(gaps, 'gap'), {
    received: ramp(3_000_000),
    alive: (elapsed) => elapsed <= noon || elapsed >= noon + 7200,
  }),
  ...nodeSeries(node(gaps, 'off'), {
    received: ramp(3_000_000, { resets: [noon + 7200] }),
    busy: ramp(0.5, { resets: [noon + 7200] }),
    alive: (elapsed) => elapsed <= noon || elapsed >= noon + 7200,
  }),
  // Its exporter was replaced at noon: other labels, the same node.
  ...nodeSeries(
    { ...node(gaps, 'moved'), pod: 'exporter-1' },
    {
      received: ramp(3_000_000),
      alive: (elapsed) => elapsed < noon,
    },
  ),
  ...nodeSeries(
    { ...node(gaps, 'moved'), pod: 'exporter-2' },
    {
      received: ramp(3_000_000),
      alive: (elapsed) => elapsed >= noon,
    },
  ),
];

/** A cluster that came an hour ago, and one of its nodes two minutes ago. */
const youngSeries = [
  ...nodeSeries(node(young, 'first'), { alive: (elapsed) => elapsed >= at(end - 3600) }),
  ...nodeSeries(node(young, 'second'), { alive: (elapsed) => elapsed > at(end - 120) }),
  ...nodeSeries(node(young, 'gone'), {
    alive: (elapsed) => elapsed >= at(end - 3600) && elapsed <= at(end - 180),
  }),
];

/** Known to Kubernetes only. */
const bareSeries = [
  ...kubernetesNode(bare, { name: 'k-one', ip: '10.0.0.1' }),
  ...kubernetesNode(bare, { name: 'k-two' }),
  ...[
    { node: 'k-left', alive: (elapsed: number) => elapsed <= six },
    { node: 'k-yesterday', alive: (elapsed: number) => elapsed <= at(midnight - 3600) },
  ].map(({ node, alive }) =>
    series('kube_node_info', { cluster: bare, node }, (elapsed) =>
      alive(elapsed) ? 1 : undefined,
    ),
  ),
];

/** Of its node-exporter only the CPU is kept. */
const onlySeries = ['user', 'idle'].map((mode, index) =>
  series(
    'node_cpu_seconds_total',
    { ...node(only, 'cpu'), cpu: '0', mode },
    ramp(index === 0 ? 0.4 : 0.6),
  ),
);

/** It went half an hour after noon. */
const pastSeries = nodeSeries(node(past, 'x'), { alive: (elapsed) => elapsed < noon + 1800 });

/** It was restarted at noon with 2 cores instead of 16, and another one with 8 instead of 4; always half busy. */
const resizedSeries = [
  { name: 'shrinks', before: 16, after: 2 },
  { name: 'grows', before: 4, after: 8 },
].flatMap(({ name, before, after }) => {
  const most = nodeSeries(node(resized, name), {
    cores: Math.max(before, after),
    busy: ramp(0.5, { resets: [noon] }),
  });
  return most.map((one) => {
    const { cpu } = one.labels;
    const { values } = one;
    if (cpu === undefined || typeof values === 'string') return one;
    const isThere = (elapsed: number) => Number(cpu) < (elapsed < noon ? before : after);
    return {
      ...one,
      values: (elapsed: number, t: number) => (isThere(elapsed) ? values(elapsed, t) : undefined),
    };
  });
});

/** It got twice the memory at noon, and uses as much of it as before. */
const grownSeries = nodeSeries(node(grown, 'x'), {
  total: (elapsed) => (elapsed < noon ? 16 : 32) * gib,
  free: (elapsed) => (elapsed < noon ? 4 : 20) * gib,
});

/** Figures that are none. */
const wildSeries: KnownSeries[] = [
  ...nodeSeries(node(wild, 'sane')),
  ...nodeSeries(node(wild, 'nan'), { free: () => NaN, received: () => NaN }),
  ...nodeSeries(node(wild, 'inf'), { free: () => Infinity }),
  ...nodeSeries(node(wild, 'empty'), { free: null }),
  // Once, at the edge of a piece of the window; it came an hour before.
  ...nodeSeries(node(wild, 'once'), {
    received: (elapsed) => (elapsed === at(end - 300) ? NaN : 3e6 * elapsed),
    alive: (elapsed) => elapsed >= at(end - 3600),
  }),
];

describe.each(stores)('on the store: %s', (version) => {
  let service: TestService;

  const all = [
    comingSeries,
    gapSeries,
    youngSeries,
    bareSeries,
    onlySeries,
    wildSeries,
    resizedSeries,
    grownSeries,
    pastSeries,
  ].flat();
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  describe('a node that left and one that came within the window', () => {
    it('has no figure for the one that left, says when it was seen, and counts it in the means', async () => {
      const { nodes, coverage, warnings } = await service.metrics(coming, 'series=false');
      const left = nodes['leaves:9100']!;
      expect(left.last_seen).toBe(midnight + 12 * 3600);
      expect(left.memory).toMatchObject({ total_gib: null, used_gib: null, usage_percent: null });
      expect(left.cpu).toMatchObject({ usage_percent: null, cores: null });
      expect(left.network_in!.inbound_mbps).toBeNull();
      expectNear(left.memory!.average, 50);
      expectNear(left.network_in!.average, 16);
      expectNear(left.cpu!.average, 90);
      expectNear(nodes['comes:9100']!.network_in!.average, 32);
      expectNear(nodes['comes:9100']!.cpu!.average, 30);
      expect(nodes['comes:9100']!.network_in!.previous_average).toBeNull();
      expect(nodes['comes:9100']!.network_in!.change_percent).toBeNull();
      expect(nodes['stays:9100']!.last_seen).toBeUndefined();
      expect(coverage).toEqual({
        nodes_expected: 3,
        nodes_reporting: 2,
        newest_sample_age_seconds: 0,
      });
      expect(warnings).toContainEqual(
        expect.objectContaining({ code: 'node_not_reporting', nodes: ['leaves:9100'] }),
      );
    });

    it('sums up the cluster by the time each was there', async () => {
      const { cluster_summary: summary } = await service.metrics(coming, 'series=false');
      expectNear(summary.memory!.total_gib, 32);
      expectNear(summary.network_in!.inbound_mbps, 8 + 32);
      // 8 Mbps for 18 hours, 16 for 12, 32 for 12.
      expectNear(summary.network_in!.average, (8 * 18 + 16 * 12 + 32 * 12) / 18);
      expectNear(summary.network_in!.previous_average, 8 + 16);
      // Used: 12 of 16 GiB for 18 hours, 8 of 16 for 12, 12 of 16 for 12.
      expectNear(summary.memory!.average, (75 * 18 + 50 * 12 + 75 * 12) / 42);
      // Busy: 0.6 of 2 cores for 18 hours, 3.6 of 4 for 12, 0.6 of 2 for 12.
      expectNear(
        summary.cpu!.average,
        (100 * (0.6 * 18 + 3.6 * 12 + 0.6 * 12)) / (2 * 18 + 4 * 12 + 2 * 12),
      );
    });

    it('has no points while a node was not there', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(coming);
      const points = nodes['comes:9100']!.memory!.time_series as {
        timestamp: number;
        value: number | null;
      }[];
      expect(points).toHaveLength(18 * 12 + 1);
      const before = points.filter(({ timestamp }) => timestamp < midnight + 6 * 3600);
      expect(new Set(before.map(({ value }) => value))).toEqual(new Set([null]));
      expect(points.at(-1)).toEqual({ timestamp: end, value: 75 });
      const cluster = summary.memory!.time_series as { timestamp: number; value: number | null }[];
      const value = (hour: number) =>
        cluster.find(({ timestamp }) => timestamp === midnight + hour * 3600)?.value;
      expectNear(value(3), (100 * (12 + 8)) / 32);
      expectNear(value(9), (100 * (12 + 8 + 12)) / 48);
      expectNear(value(15), 75);
    });

    it('answers for some of the nodes only, and the summary follows', async () => {
      const some = await service.metrics(
        coming,
        'series=false&node=comes&node=stays:9100&node=nobody',
      );
      expect(Object.keys(some.nodes).sort()).toEqual(['comes:9100', 'stays:9100']);
      expectNear(some.cluster_summary.network_in!.inbound_mbps, 40);
      expectNear(some.cluster_summary.network_in!.previous_average, 8);
      expect(some.cluster_summary.workloads).toBeUndefined();
      expect(some.warnings).toContainEqual(
        expect.objectContaining({ code: 'node_unknown', nodes: ['nobody'] }),
      );
    });
  });

  describe('a node that gets other cores', () => {
    it('is measured by as many as it had at each time', async () => {
      for (const query of ['', `start=${end - 12 * 3600}&end=${end}&step=12h`]) {
        const answer = await service.metrics(resized, `${query}&metric_type=cpu`);
        const { nodes, cluster_summary: summary } = answer;
        expect(nodes['shrinks:9100']!.cpu).toMatchObject({ cores: 2, usage_percent: 50 });
        expect(nodes['grows:9100']!.cpu).toMatchObject({ cores: 8, usage_percent: 50 });
        for (const { cpu } of [...Object.values(nodes), summary]) expectNear(cpu!.average, 50);
        const points = summary.cpu!.time_series as { value: number }[];
        expectNear(points.at(-1)!.value, 50);
      }
    });
  });

  it('has the same mean of a node whose size changes as of a cluster that is nothing else', async () => {
    const { nodes, cluster_summary: summary } = await service.metrics(grown, 'metric_type=memory');
    // Used and total GiB-hours since midnight.
    const usage = (100 * 12 * (12 + 6)) / (16 * 12 + 32 * 6);
    expectNear(summary.memory!.average, usage);
    expectNear(nodes['x:9100']!.memory!.average, usage);
  });

  describe('counters that begin anew, and gaps', () => {
    it('shows neither in the means', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(gaps, 'series=false');
      for (const name of ['restarts', 'gap', 'off', 'moved']) {
        expectNear(nodes[`${name}:9100`]!.network_in!.average, 24);
        expectNear(nodes[`${name}:9100`]!.network_in!.previous_average, 24);
        expectNear(nodes[`${name}:9100`]!.network_in!.inbound_mbps, 24);
      }
      expectNear(nodes['off:9100']!.cpu!.average, 50);
      expectNear(summary.network_in!.average, (24 * (18 + 16 + 16 + 18)) / 18);
    });

    it('shows no reset in the series', async () => {
      const { nodes } = await service.metrics(gaps, 'metric_type=network_in');
      const points = nodes['restarts:9100']!.network_in!.time_series as { value: number | null }[];
      const growth = growthOf(restarts, midnight, end, sampled);
      expectNear(Math.max(...points.map(({ value }) => value ?? NaN)), mbps(growth, 18 * 3600));
      // A restart hides one of the nine scrapes of a point.
      expectNear(Math.min(...points.map(({ value }) => value ?? NaN)), 24, 0.12);
    });
  });

  describe('a cluster that has just come', () => {
    it('is measured over the time it was there', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(young, 'series=false');
      expectNear(nodes['first:9100']!.network_in!.average, 8);
      // Two minutes: what it did before its first sample and after its last is not known.
      expectNear(nodes['second:9100']!.network_in!.average, 8, 0.2);
      expectNear(summary.network_in!.average, (8 * 3600 + 8 * 3420 + 8 * 120) / 3600, 0.01);
      expect(summary.network_in!.previous_average).toBeNull();
      expect(summary.network_in!.change_percent).toBeNull();
    });

    it('does not spread the rates of a node over time it was not there', async () => {
      const { nodes } = await service.metrics(young, 'series=false&time_range=10min');
      expectNear(nodes['second:9100']!.network_in!.inbound_mbps, 8, 0.02);
      expectNear(nodes['second:9100']!.cpu!.usage_percent, 30, 0.02);
      expectNear(nodes['gone:9100']!.network_in!.inbound_mbps, 8, 0.1);
    });
  });

  describe('figures that are missing', () => {
    it('knows nodes without node-exporter from Kubernetes, without figures', async () => {
      const { nodes, coverage, warnings } = await service.metrics(bare, 'metric_type=memory');
      expect(nodes).toEqual({
        '10.0.0.1': expect.objectContaining({ hostname: 'k-one' }) as unknown,
        'k-two': expect.objectContaining({ hostname: 'k-two' }) as unknown,
        // Left at six; who left yesterday is none of today's nodes.
        'k-left': expect.objectContaining({ hostname: 'k-left' }) as unknown,
      });
      expect(nodes['10.0.0.1']!.memory).toMatchObject({ total_gib: null, average: null });
      expect(coverage).toEqual({
        nodes_expected: 3,
        nodes_reporting: 0,
        newest_sample_age_seconds: 0,
      });
      expect(warnings).toEqual([
        expect.objectContaining({
          code: 'node_exporter_missing',
          nodes: ['10.0.0.1', 'k-two', 'k-left'],
        }),
      ]);
    });

    it('says so where the window holds nothing of any node', async () => {
      const query = `start=${midnight + 13 * 3600}&end=${midnight + 14 * 3600}&step=60`;
      const { nodes, warnings } = await service.metrics(past, query);
      expect(nodes).toEqual({});
      expect(warnings.map(({ code }) => code)).toEqual(['no_data']);
    });

    it('needs no more of node-exporter than the metric that is asked for', async () => {
      const { nodes, coverage } = await service.metrics(only, 'metric_type=cpu&series=false');
      expect(nodes['cpu:9100']!.cpu).toMatchObject({ usage_percent: 40, cores: 1 });
      expectNear(nodes['cpu:9100']!.cpu!.average, 40);
      expect(coverage.nodes_reporting).toBe(1);
    });

    it('takes NaN and infinity for what they are: no figure', async () => {
      const {
        nodes,
        cluster_summary: summary,
        warnings,
      } = await service.metrics(wild, 'series=true');
      for (const name of ['nan', 'inf', 'empty']) {
        expect(nodes[`${name}:9100`]!.memory).toMatchObject({ usage_percent: null, average: null });
      }
      expect(nodes['nan:9100']!.network_in).toMatchObject({ inbound_mbps: null, average: null });
      // VictoriaMetrics takes no series that has such a sample.
      const { average } = nodes['once:9100']!.network_in!;
      expect(Math.round(average ?? 0)).toBe(version === 'victoria-metrics' ? 0 : 24);
      expectNear(summary.memory!.usage_percent, 75);
      expectNear(summary.memory!.average, 75);
      expect(warnings).toContainEqual(
        expect.objectContaining({
          ...{ code: 'no_data', metric: 'memory' },
          nodes: expect.arrayContaining(['nan:9100', 'inf:9100', 'empty:9100']),
        }),
      );
    });
  });
});
