import { describe, expect, it } from '@jest/globals';
import type { AlertList, FleetCluster } from '@bud-monitoring/contracts';
import { ramp } from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { expectNear } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const thrifty = '0c500000-0000-4000-8000-000000000001';
const half = '0c500000-0000-4000-8000-000000000002';
const named = '0c500000-0000-4000-8000-000000000003';
const summed = '0c500000-0000-4000-8000-000000000004';
const restful = '0c500000-0000-4000-8000-000000000005';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 30 * 3600, interval: 60 };

/** A node whose cores are busy by so much, of which only the series of some modes are kept. */
const node = (cluster: string, index: number, busy: number, kept: RegExp) =>
  nodeSeries(
    { cluster, job: 'node-exporter', instance: `10.0.0.${index}:9100` },
    { nodename: `n${index}`, cores: 2 * index, busy: ramp(busy) },
  ).filter(({ name, labels }) => !name.includes('cpu') || kept.test(labels['mode'] ?? ''));

const all = [
  // No node has the mode idle.
  ...node(thrifty, 1, 0.92, /user|iowait/),
  ...node(thrifty, 2, 0.3, /user/),
  // The cores have names.
  ...[...node(named, 1, 0.6, /./), ...node(named, 2, 0.3, /./)].map((one) => {
    const { cpu } = one.labels;
    return cpu === undefined ? one : { ...one, labels: { ...one.labels, cpu: `cpu${cpu}` } };
  }),
  // Only what the node mixin's rule reads is there, of one of two.
  ...node(restful, 1, 0, /idle|iowait/).map((one) =>
    one.labels['mode'] === 'idle' ? { ...one, values: ramp(0.02) } : one,
  ),
  ...node(restful, 2, 0.3, /./),
  // The series are sums over the cores.
  ...node(summed, 1, 0.3, /./).flatMap((one) => {
    const { cpu, ...labels } = one.labels;
    return cpu === undefined || cpu === '0' ? [{ ...one, labels }] : [];
  }),
  // One has it, and another has not.
  ...node(half, 1, 0.6, /user|iowait/),
  ...node(half, 2, 0.3, /./),
];

/** Percent of all cores. */
const ofCluster: Readonly<Record<string, number>> = {
  [thrifty]: (2 * 92 + 4 * 30) / 6,
  [half]: (2 * 60 + 4 * 30) / 6,
  [named]: (2 * 60 + 4 * 30) / 6,
  [restful]: (2 * 88 + 4 * 30) / 6,
};

describe.each(stores)('CPU without all modes, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it.each([
    { query: 'time_range=10min&series=true', cluster: thrifty, usages: [92, 30] },
    { query: 'time_range=today&series=true', cluster: thrifty, usages: [92, 30] },
    { query: 'time_range=7days&series=false', cluster: thrifty, usages: [92, 30] },
    { query: 'time_range=today&series=true', cluster: half, usages: [60, 30] },
    { query: 'time_range=10min&series=true', cluster: named, usages: [60, 30] },
    { query: 'time_range=7days&series=false', cluster: named, usages: [60, 30] },
    { query: 'time_range=10min&series=true', cluster: restful, usages: [88, 30] },
    { query: 'time_range=today&series=true', cluster: restful, usages: [88, 30] },
    { query: 'time_range=7days&series=false', cluster: restful, usages: [88, 30] },
  ])('has the cores by the series that are there: $query of $cluster', async (one) => {
    const { query, cluster, usages } = one;
    const { nodes, cluster_summary: summary } = await service.metrics(cluster, query);
    for (const [index, usage] of usages.entries()) {
      const { cpu } = nodes[`10.0.0.${index + 1}:9100`]!;
      expect(cpu!.cores).toBe(2 * (index + 1));
      expectNear(cpu!.usage_percent, usage);
      expectNear(cpu!.average, usage);
      const points = (cpu!.time_series ?? []) as { value: number | null }[];
      for (const { value } of points) expectNear(value, usage);
      expect(points.length > 0).toBe(query.includes('true'));
    }
    expect(summary.cpu!.cores).toBe(6);
    expectNear(summary.cpu!.usage_percent, ofCluster[cluster]!);
    expectNear(summary.cpu!.average, ofCluster[cluster]!);
  });

  it('is the same on every route', async () => {
    for (const [cluster, ...usages] of [[thrifty, 92, 30] as const, [restful, 88, 30] as const]) {
      const { nodes } = await service.nodeMetrics(cluster);
      for (const [index, usage] of usages.entries())
        expectNear(nodes[`10.0.0.${index + 1}`]!.cpu.usage_percent, usage);
    }
    const { body } = await service.get('/clusters');
    const { clusters } = body.data as { clusters: FleetCluster[] };
    for (const { cluster_id: id, cpu } of clusters) {
      if (id === summed) continue;
      expect(cpu.cores).toBe(6);
      expectNear(cpu.usage_percent, ofCluster[id]!);
    }
    expect((await service.deliver('/evaluate-alerts', {})).status).toBe(200);
    for (const [cluster, severity, value] of [
      [thrifty, 'critical', 92],
      [restful, 'warning', 88],
    ] as const) {
      const answer = await service.get(`/clusters/${cluster}/alerts`);
      expect((answer.body.data as AlertList).alerts).toEqual([
        expect.objectContaining({ metric: 'cpu_usage', severity, value }),
      ]);
    }
  });

  it('is none where nothing tells how many cores there are', async () => {
    const { nodes, cluster_summary: summary, warnings } = await service.metrics(summed);
    for (const { cpu } of [...Object.values(nodes), summary])
      expect(cpu).toMatchObject({ usage_percent: null, cores: null, average: null });
    const about = { code: 'no_data', metric: 'cpu', nodes: ['10.0.0.1:9100'] };
    expect(warnings).toContainEqual(expect.objectContaining(about));
    const { body } = await service.get('/clusters');
    const { clusters } = body.data as { clusters: FleetCluster[] };
    expect(clusters.find(({ cluster_id: id }) => id === summed)!.cpu.usage_percent).toBeNull();
  });
});
