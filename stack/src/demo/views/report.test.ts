import { describe, expect, it } from '@jest/globals';
import type {
  Alert,
  AlertList,
  ListedAlert,
  ClusterMetrics,
  NodeDetail,
  NodeMetrics,
} from '@bud-monitoring/contracts';
import {
  clusterIdSchema,
  clusterMetricsSchema,
  nodeMetricsSchema,
} from '@bud-monitoring/contracts';
import type { DemoResults, ClusterResult } from '../results.js';
import { createTerminalStyle } from '../terminal-style.js';
import { report } from './report.js';

const id = clusterIdSchema.parse('11111111-2222-4333-8444-555555555555');
const compared = { average: 40, previous_average: 30, change_percent: 10 };
const size = { total_gib: 64, used_gib: 32, available_gib: 32, usage_percent: 50 };
const days = [1, 2, 3].map((day) => ({ timestamp: day * 86_400, value: day }));
const rate = { current: 0, avg: 0, max: 0 };

function metrics(summary: ClusterMetrics['cluster_summary'], more: Partial<ClusterMetrics> = {}) {
  return clusterMetricsSchema.parse({
    nodes: {},
    cluster_summary: summary,
    timestamp: '2026-01-31T12:00:00Z',
    time_range: 'month',
    cluster_id: id,
    cluster_name: 'production',
    metric_type: 'all',
    window: { start: 0, end: 1, step: 1, previous: { start: 0, end: 0 } },
    coverage: { nodes_expected: 3, nodes_reporting: 2, newest_sample_age_seconds: 5 },
    warnings: [],
    ...more,
  });
}

function node(more: Partial<NodeDetail>): NodeDetail {
  return {
    node: '10.0.0.1:9100',
    hostname: 'worker-1',
    status: 'Ready',
    conditions: { Ready: 'True' },
    system_info: { os: 'Debian', kernel: '6.1', architecture: 'amd64' },
    pods: { current: 7, max: 110, available: 7, desired: 7 },
    cpu: { current: 2, capacity: 4, usage_percent: 50 },
    memory: { current: 8, capacity: 32, usage_percent: 25 },
    network: {
      bandwidth: days.map(({ timestamp, value }) => ({ timestamp, mbps: value })),
      stats: {
        unit: 'per second',
        receive_errors: { ...rate, current: 4 },
        transmit_errors: rate,
        receive_packets_dropped: rate,
        transmit_packets_dropped: rate,
      },
    },
    events_count: 3,
    capacity: {},
    id: null,
    devices: null,
    ...more,
  };
}

function nodes(...details: NodeDetail[]): NodeMetrics {
  return nodeMetricsSchema.parse({
    cluster_id: id,
    cluster_name: 'production',
    nodes: Object.fromEntries(details.map((detail, index) => [`10.0.0.${index + 1}`, detail])),
    coverage: { nodes_expected: 3, nodes_reporting: 2, newest_sample_age_seconds: 5 },
    warnings: [],
  });
}

function alerts(...states: Alert['state'][]): AlertList {
  const list = states.map((state, index): ListedAlert => ({
    id: String(index),
    cluster_id: id,
    cluster_name: 'production',
    severity: 'critical',
    metric: 'cpu_usage',
    node: `n${index}:9100`,
    hostname: null,
    value: 95,
    threshold: 90,
    message: `CPU of n${index} is high`,
    state,
    since: 1,
  }));
  return { cluster_id: id, evaluated_at: 1, alerts: list, warnings: [] };
}

const nothing = {
  pods: { current: null, max: null, available: null, desired: null },
  cpu: { current: null, capacity: null, usage_percent: null },
  memory: { current: null, capacity: null, usage_percent: null },
  events_count: null,
};

function cluster(more: Partial<ClusterResult>): ClusterResult {
  return {
    id,
    name: 'production',
    dashboard: {
      cluster_id: id,
      name: 'production',
      uid: id,
      status: 'ready',
      dashboards: [],
      url: 'http://grafana.test/public-dashboards/abc',
      sharing: { enabled: true, expires_at: null },
    },
    metrics: metrics({
      cpu: { usage_percent: 50, cores: 12, ...compared },
      memory: { ...size, ...compared },
      storage: { ...size, ...compared, usage_percent: null },
    }),
    alerts: alerts(),
    nodes: nodes(node({}), node({ hostname: 'worker-2', status: 'NotReady', ...nothing })),
    ...more,
  };
}

function lines(results: Partial<DemoResults>): string[] {
  const all = { clusters: [cluster({})], month: metrics({}), live: null, ...results };
  const access = {
    gateway: 'http://gateway.test',
    console: { url: 'http://gateway.test/', password: 'secret' },
    token: 'abc.def',
  };
  return report(all, access, createTerminalStyle(false)).split('\n');
}

function lineOf(text: string, results: Partial<DemoResults> = {}): string | undefined {
  return lines(results).find((line) => line.trimStart().startsWith(text));
}

describe('the report of the demo', () => {
  it('shows a cluster with what is measured, and a dash where nothing is', () => {
    expect(lineOf('production ')).toMatch(
      /^ {2}production +2 of 3 +1 of 2 +████░░░░ {2}50 % +████░░░░ {2}50 % +– +– +–$/,
    );
  });

  it('names the alerts that are not over, a few of many', () => {
    expect(lineOf('!')).toBeUndefined();
    const some = cluster({ alerts: alerts('firing', 'resolved', 'pending') });
    expect(lineOf('!', { clusters: [some] })).toBe(
      '  ! production: CPU of n0 is high (firing), CPU of n2 is high (pending)',
    );
    const many = cluster({ alerts: alerts('firing', 'firing', 'firing', 'firing', 'firing') });
    expect(lineOf('!', { clusters: [many] })).toMatch(/n2 is high \(firing\), and 2 more$/);
  });

  it('claims no readiness where nobody knows of any', () => {
    const unknown = node({ status: 'Unknown', conditions: {} });
    const clusters = [cluster({ nodes: nodes(unknown) })];

    expect(lineOf('production ', { clusters })).toMatch(/2 of 3 +– +█/);
    expect(lineOf('worker-1', { clusters })).toMatch(/10\.0\.0\.1 +– +7 of 110/);
  });

  it('shows each node, also one of which nothing is known', () => {
    expect(lineOf('worker-1')).toMatch(/Ready +7 of 110 +████.+50 % .+25 % +4\.0 +3 +▁▅█$/);
    expect(lineOf('worker-2')).toMatch(/NotReady +– +– +– +4\.0 +– +▁▅█$/);
  });

  it('compares a month with the month before, shares by points', () => {
    const month = metrics({
      cpu: { usage_percent: 50, cores: 12, ...compared, time_series: days },
      network_in: {
        inbound_mbps: 5,
        average: 8,
        previous_average: null,
        change_percent: null,
        time_series: { form: 'columns', start: 0, step: 86_400, values: [2, null, 1] },
      },
    });

    expect(lineOf('CPU', { month })).toMatch(/^ {2}CPU +40\.0 % +30\.0 % +\+10\.0 pp +▁▅█$/);
    expect(lineOf('Network in', { month })).toMatch(/8\.0 Mbps +– +– +█ ▁$/);
    expect(lineOf('Storage', { month })).toBeUndefined();
  });

  it('says why figures are missing, each reason once', () => {
    const warning = { code: 'no_data', message: 'no series of node-exporter' };
    const clusters = [cluster({ metrics: metrics({}, { warnings: [warning, warning] }) })];

    const said = lines({ clusters }).filter((line) => line.includes('no series'));

    expect(said).toEqual(['  ! production: no series of node-exporter']);
  });

  it('lists GPUs where there are some', () => {
    const device = {
      uuid: 'GPU-1',
      vendor: 'nvidia' as const,
      model: 'H100',
      watts: 640,
      utilization_percent: 75,
      memory_used_gib: 60,
      memory_total_gib: 80,
      temperature_celsius: null,
    };
    const gpu = {
      devices: [device],
      utilization_percent: 75,
      memory_used_gib: 60,
      memory_total_gib: 80,
      watts: 640,
      energy_kwh: 1,
      ...compared,
    };
    const clusters = [
      cluster({
        metrics: metrics({}, { nodes: { 'a:9100': { node: 'a:9100', hostname: 'ml-1', gpu } } }),
      }),
    ];

    expect(lineOf('ml-1', { clusters })).toMatch(/H100 +██████░░ {2}75 % +60 of 80 GiB +– +640 W$/);
    expect(lineOf('The GPUs')).toBeUndefined();
  });

  it('leads to the console first', () => {
    const shown = lines({});
    const first = shown.indexOf('Go on from here') + 2;
    expect(shown.slice(first, first + 2)).toEqual([
      '  Console    http://gateway.test/',
      '             sign in as manager or viewer with the password secret',
    ]);
  });

  it('shows this machine in full and every public link', () => {
    const traffic = { inbound_mbps: 1.5, ...compared };
    const entry = {
      node: '10.0.0.1:9100',
      hostname: 'laptop',
      network_in: traffic,
      storage: { ...size, ...compared },
    };
    const live = cluster({
      name: 'this-machine',
      nodes: nodes(node({ hostname: 'laptop' })),
      metrics: metrics({}, { nodes: { '10.0.0.1:9100': entry } }),
    });
    const shown = lines({ clusters: [cluster({}), live], live });

    expect(shown).toContain('  Node      laptop at 10.0.0.1');
    expect(shown).toContain('  System    Debian, 6.1, amd64');
    expect(shown).toContain('  Storage   ████░░░░  50 %  32 of 64 GiB');
    expect(shown).toContain('  Network   1.50 Mbps in, – out');
    expect(shown).toContain('  production     http://grafana.test/public-dashboards/abc');
  });
});
