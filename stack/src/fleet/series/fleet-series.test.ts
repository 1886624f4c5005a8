import { describe, expect, it } from '@jest/globals';
import { benchFleet } from '../clusters/bench-fleet.js';
import { demoFleet } from '../clusters/demo-fleet.js';
import { seriesText } from '../exposition.js';
import { fleetSeries } from './fleet-series.js';
import { demoPlan } from '../tsdb/history-plan.js';
import { METRICS } from './metric-names.js';
import type { Cluster, Series, Tier } from '../types.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const ANCHOR = 1_795_370_000;

const fleet = demoFleet({ anchor: ANCHOR });
const all = fleetSeries(fleet);
const [production, staging, edge, training] = fleet.clusters as [
  Cluster,
  Cluster,
  Cluster,
  Cluster,
];

function find(cluster: Cluster, name: string, labels: Record<string, string> = {}): Series[] {
  return all.filter(
    (series) =>
      series.name === name &&
      series.labels['cluster'] === cluster.id &&
      Object.entries(labels).every(([label, value]) => series.labels[label] === value),
  );
}

function one(cluster: Cluster, name: string, labels: Record<string, string> = {}): Series {
  const found = find(cluster, name, labels);
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('the series of the demo fleet', () => {
  it('have each an identity of their own', () => {
    const identities = all.map(({ name, labels }) =>
      seriesText(name, Object.fromEntries(Object.entries(labels).sort())),
    );
    expect(new Set(identities).size).toBe(all.length);
  });

  it('are the same for the same seed and anchor, and others for another seed', () => {
    const sample = (of: readonly Series[]) =>
      of.map(({ name, labels, value }) => [seriesText(name, labels), value(ANCHOR + 7)]);
    expect(sample(fleetSeries(demoFleet({ anchor: ANCHOR })))).toEqual(sample(all));
    expect(demoFleet({ anchor: ANCHOR, seed: 2 }).clusters[0]?.id).not.toBe(production.id);
  });

  it('stay within six million samples of history', () => {
    const plan = demoPlan(ANCHOR);
    const every = 20; // to look at all of them takes ten seconds
    const times = new Map<Tier, number[]>();
    for (const tier of ['core', 'node', 'detail', 'workload', 'state'] as const) {
      const all = plan.slices.flatMap((slice) => plan.times(tier, slice));
      times.set(
        tier,
        all.filter((_, index) => index % every === 0),
      );
    }
    let samples = 0;
    for (const { tier, value } of all) {
      for (const t of times.get(tier)!) if (value(t) !== undefined) samples += every;
    }
    expect(samples).toBeGreaterThan(2e6);
    expect(samples).toBeLessThan(6e6);
  });

  it('of a cluster that records its CPU use reach back two months without its cores and modes', () => {
    const core = (cluster: Cluster) =>
      new Set(
        all
          .filter(({ tier, labels }) => tier === 'core' && labels['cluster'] === cluster.id)
          .map(({ name }) => name),
      );
    expect(core(production)).toContain('instance:node_cpu_utilisation:rate5m');
    expect(core(production)).not.toContain('node_cpu_seconds_total');
    expect(core(staging)).toContain('node_cpu_seconds_total');
    expect(core(edge)).toEqual(new Set());
  });

  it('of a cluster begin with it', () => {
    const [total] = all.filter(
      ({ name, labels }) =>
        name === 'node_memory_MemTotal_bytes' && labels['cluster'] === staging.id,
    );
    expect(total?.value(ANCHOR - 16 * DAY)).toBeGreaterThan(0);
    expect(total?.value(ANCHOR - 16 * DAY - 1)).toBeUndefined();
  });

  it('never fall back but at a reboot, from long before the anchor to long after', () => {
    const kinds: Partial<Record<string, readonly [string, string]>> = METRICS;
    const counters = all.filter(({ name }) => kinds[name]?.[0] === 'counter');
    const times = [
      ...Array.from({ length: 61 * 4 }, (_, index) => ANCHOR - 61 * DAY + index * 6 * HOUR),
      ...Array.from({ length: 480 }, (_, index) => ANCHOR - 2 * HOUR + index * 30),
    ];
    const falls = new Set<string>();
    for (const { name, labels, value } of counters) {
      let last = -1;
      for (const t of times) {
        const now = value(t);
        if (now === undefined) continue;
        if (now < last) falls.add(`${labels['cluster'] ?? ''} ${labels['instance'] ?? name}`);
        last = now;
      }
    }
    // prod-worker-2 booted three days ago; only what counts on that node may begin anew.
    const rebooted = ['10.20.0.12:9100', '10.20.0.12:10250', 'prod-worker-2'];
    expect([...falls].sort()).toEqual(
      rebooted.map((instance) => `${production.id} ${instance}`).sort(),
    );
  });

  it('have CPU modes that fill each core’s time, and no more', () => {
    for (const cluster of [production, staging, training]) {
      for (const idle of find(cluster, 'node_cpu_seconds_total', { mode: 'idle' })) {
        const { instance = '', cpu = '' } = idle.labels;
        const modes = find(cluster, 'node_cpu_seconds_total', { instance, cpu });
        expect(modes).toHaveLength(8);
        const from = ANCHOR - 2 * HOUR - 30;
        const sum = (t: number) => modes.reduce((total, { value }) => total + value(t)!, 0);
        expect((sum(from + 600) - sum(from)) / 600).toBeCloseTo(1, 3);
      }
    }
  });
});

describe('labels', () => {
  const target = ['job', 'namespace', 'service', 'endpoint', 'container', 'pod', 'instance'];
  const kubelet = ['job', 'metrics_path', 'namespace', 'service', 'endpoint', 'node', 'instance'];
  it.each<[string, Cluster, Record<string, string>, string[]]>([
    ['node_uname_info', production, {}, [...target, 'nodename', 'sysname', 'release', 'machine']],
    ['node_cpu_seconds_total', production, {}, [...target, 'cpu', 'mode']],
    ['kubelet_running_pods', production, { metrics_path: '/metrics' }, kubelet],
    [
      'container_network_receive_bytes_total',
      production,
      { metrics_path: '/metrics/cadvisor' },
      [...kubelet, 'pod', 'id', 'interface'],
    ],
    ['kube_node_status_condition', production, {}, [...target, 'node', 'condition', 'status']],
    [
      'kepler_container_joules_total',
      production,
      {},
      [...target, 'container_id', 'container_name', 'container_namespace', 'pod_name', 'mode'],
    ],
    ['kepler_node_cpu_joules_total', training, {}, [...target, 'zone', 'path', 'node_name']],
  ])('of %s are those of its exporter', (name, cluster, match, expected) => {
    const found = find(cluster, name, match);
    expect(found.length).toBeGreaterThan(0);
    for (const { labels } of found) {
      const extra = Object.keys(labels).filter(
        (label) => !['domainname', 'version'].includes(label),
      );
      expect(extra.sort()).toEqual([...expected, 'cluster'].sort());
    }
  });

  it('name the node where the exporter does, and only there', () => {
    const node = 'prod-worker-1';
    expect(one(production, 'kubelet_running_pods', { node }).labels['instance']).toBe(
      '10.20.0.11:10250',
    );
    expect(
      one(production, 'node_load1', { instance: '10.20.0.11:9100' }).labels,
    ).not.toHaveProperty('node');
    expect(find(production, 'kepler_node_package_joules_total', { instance: node })).toHaveLength(
      2,
    );
    expect(one(training, 'node_uname_info', { nodename: 'ml-gaudi-1' }).labels['instance']).toBe(
      '[fd00:60::13]:9100',
    );
  });

  it('share instances between two clusters', () => {
    const instances = (cluster: Cluster) =>
      find(cluster, 'node_load1').map(({ labels }) => labels['instance']);
    expect(instances(production)).toEqual(expect.arrayContaining(instances(staging)));
  });
});

describe('what goes wrong in the demo fleet', () => {
  const before = ANCHOR - 3 * HOUR;
  const since = (value: Series['value'], seconds: number) =>
    ((value(ANCHOR) ?? NaN) - (value(ANCHOR - seconds) ?? NaN)) / seconds;

  it('is one node near its limit', () => {
    const instance = '10.20.0.11:9100';
    const rule = one(production, 'instance:node_cpu_utilisation:rate5m', { instance });
    expect(rule.value(before)).toBeLessThan(0.8);
    expect(rule.value(ANCHOR)).toBeGreaterThan(0.9);
    const idle = find(production, 'node_cpu_seconds_total', { instance, mode: 'idle' });
    const busy = 1 - idle.reduce((sum, { value }) => sum + since(value, 300), 0) / idle.length;
    expect(busy - rule.value(ANCHOR)!).toBeCloseTo(0.01, 2); // iowait and steal
  });

  it('is one node whose kubelet fell silent', () => {
    const node = 'prod-worker-3';
    const condition = (status: string) =>
      one(production, 'kube_node_status_condition', { node, condition: 'Ready', status });
    expect(condition('true').value(before)).toBe(1);
    expect(condition('true').value(ANCHOR)).toBe(0);
    expect(condition('unknown').value(ANCHOR)).toBe(1);
    expect(one(production, 'kubelet_running_pods', { node }).value(ANCHOR)).toBeUndefined();
    expect(one(production, 'up', { node, metrics_path: '/metrics' }).value(ANCHOR)).toBe(0);
    expect(
      one(production, 'node_load1', { instance: '10.20.0.13:9100' }).value(ANCHOR),
    ).toBeDefined();
    expect(
      one(edge, 'kube_node_status_condition', {
        node: 'edge-3',
        condition: 'Ready',
        status: 'false',
      }).value(ANCHOR),
    ).toBe(1);
  });

  it('is one node that is gone with all it had', () => {
    const gone = all.filter(
      ({ labels }) =>
        labels['cluster'] === production.id &&
        (labels['node'] === 'prod-worker-4' || labels['instance']?.startsWith('10.20.0.14:')),
    );
    expect(gone.length).toBeGreaterThan(100);
    expect(gone.every(({ value }) => value(before) !== undefined)).toBe(true);
    expect(gone.every(({ value }) => value(ANCHOR) === undefined)).toBe(true);
  });

  it('is one node with network errors, and a device with more that must not count', () => {
    const errors = (device: string) =>
      one(production, 'node_network_receive_errs_total', { instance: '10.20.0.12:9100', device });
    expect(60 * since(errors('eth0').value, 600)).toBeCloseTo(240, 0);
    expect(60 * since(errors('veth3f8a21c').value, 600)).toBeCloseTo(300, 0);
  });

  it('is one pod that no node can take', () => {
    const waiting = find(production, 'kube_pod_status_phase', { phase: 'Pending' }).filter(
      ({ value }) => value(ANCHOR) === 1,
    );
    expect(waiting.map(({ labels }) => labels['namespace'])).toEqual(['batch']);
  });
});

describe('benchFleet', () => {
  it('has the nodes and cores asked for, no address twice', () => {
    const bench = benchFleet({ anchor: ANCHOR, nodes: 300, cores: 4 });
    const idle = fleetSeries(bench).filter(
      ({ name, labels }) => name === 'node_cpu_seconds_total' && labels['mode'] === 'idle',
    );
    expect(idle).toHaveLength(1200);
    expect(new Set(idle.map(({ labels }) => labels['instance'])).size).toBe(300);
  });
});
