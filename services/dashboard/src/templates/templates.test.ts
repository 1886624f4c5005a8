import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lint } from '../domain/templates/lint/lint.js';
import type { Json } from '../domain/templates/json.js';
import { exportedFiles } from './export.js';
import { templateFiles } from './index.js';
import { panel } from './builder/panel.js';
import { inferUnit } from './builder/units.js';

const ofTheOriginal = [
  'CPU Utilisation',
  'CPU Requests Commitment',
  'CPU Limits Commitment',
  'Memory Utilisation',
  'Memory Requests Commitment',
  'Memory Limits Commitment',
  'CPU Usage',
  'CPU Quota',
  'Memory Usage (w/o cache)',
  'Memory Requests by Namespace',
  'Current Network Usage',
  'Receive Bandwidth',
  'Transmit Bandwidth',
  'Average Container Bandwidth by Namespace: Received',
  'Average Container Bandwidth by Namespace: Transmitted',
  'Rate of Received Packets',
  'Rate of Transmitted Packets',
  'Rate of Received Packets Dropped',
  'Rate of Transmitted Packets Dropped',
  'IOPS(Reads+Writes)',
  'ThroughPut(Read+Write)',
  'Current Storage IO',
];
const folder = join(process.cwd(), 'templates');

describe('templates/', () => {
  it.each([...templateFiles()])('%s is what the code makes (npm run templates)', (name, text) => {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
  });

  it('has the 22 panels of the cluster dashboard, each with a description and a unit', () => {
    const dashboard = JSON.parse(templateFiles().get('cluster.json') ?? '{}') as {
      panels: {
        type: string;
        title: string;
        description: string;
        fieldConfig: { defaults: { unit: string } };
        id: number;
      }[];
    };
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    expect(panels.map(({ title }) => title)).toEqual(expect.arrayContaining(ofTheOriginal));
    expect(new Set(dashboard.panels.map((one) => one.id)).size).toBe(dashboard.panels.length);
    expect(panels.filter((one) => one.description === '')).toEqual([]);
    expect(panels.filter((one) => one.fieldConfig.defaults.unit === '')).toEqual([]);
  });
});

describe('deploy/grafana/', () => {
  const exported = exportedFiles(templateFiles());

  it.each([...exported])('%s is what the code makes (npm run templates)', (name, text) => {
    expect(readFileSync(join(process.cwd(), 'deploy/grafana', name), 'utf8')).toBe(text);
  });

  it('holds each dashboard whole, below the size that Kubernetes takes', () => {
    const { items } = JSON.parse(exported.get('configmaps.json') ?? '{}') as {
      items: { data: Record<string, string> }[];
    };
    const texts = items.flatMap(({ data }) => Object.values(data));
    expect(texts).toEqual([...templateFiles().values()]);
    for (const text of texts) expect(text.length).toBeLessThan(1_000_000);
  });
});

describe('the dashboard of the product itself', () => {
  const product = JSON.parse(templateFiles().get('product/bud-monitoring.json') ?? '{}') as Json;

  it('lacks nothing that a template has, but for the cluster', () => {
    const { problems, queries } = lint(product);
    // It shows the services' jobs, and is imported by hand, where a variable is asked for.
    const ofCluster = problems.filter(({ message }) =>
      message.startsWith('does not carry cluster="$cluster"'),
    );
    const others = problems.filter(
      (problem) =>
        !ofCluster.includes(problem) && !problem.message.startsWith('keeps the variable $job'),
    );
    expect(queries).toBeGreaterThan(25);
    // The list of what can be chosen as well.
    expect(ofCluster).toHaveLength(queries + 1);
    expect(others).toEqual([]);
  });
});

describe('every dashboard of a cluster', () => {
  const ofClusters = [...templateFiles()].filter(([name]) => !name.includes('/'));

  it.each(ofClusters)('%s has nothing that would be blank on a public page', (_, text) => {
    const { problems } = lint(JSON.parse(text) as Json, { shared: null });
    const blank = problems.filter(({ message }) => message.includes('public page'));
    expect(blank.filter(({ message }) => !message.startsWith('keeps the variable'))).toEqual([]);
  });

  it('but for the one that is chosen from has no variables of its own', () => {
    const own = ofClusters.filter(([, text]) => text.includes('"multi": true'));
    expect(own.map(([name]) => name)).toEqual(['workloads.json']);
  });
});

describe('the workloads that can be chosen', () => {
  const { templating, panels } = JSON.parse(templateFiles().get('workloads.json') ?? '{}') as {
    templating: { list: { name: string; regex?: string }[] };
    panels: { title: string; targets?: { expr: string }[] }[];
  };
  const regex = templating.list.find(({ name }) => name === 'workload')?.regex ?? '';
  const workload = (owner: string) => new RegExp(regex.slice(1, -1)).exec(owner)?.[1];
  const cpu = panels.find(({ title }) => title === 'CPU')?.targets?.[0]?.expr ?? '';
  const pattern = /pod=~"(\$workload[^"]*)"/.exec(cpu)?.[1] ?? '';
  const isOf = (chosen: string, pod: string) =>
    new RegExp(`^(?:${pattern.replace('$workload', chosen)})$`).test(pod);

  it.each([
    ['shop-7d4b9c6f5d', 'shop', 'shop-7d4b9c6f5d-x2x9p'],
    ['shop-api-6bf8c7d9f4', 'shop-api', 'shop-api-6bf8c7d9f4-8wq2z'],
    ['redis', 'redis', 'redis-0'],
    ['node-exporter', 'node-exporter', 'node-exporter-4k7xq'],
    ['backup-29412345', 'backup', 'backup-29412345-mjx4s'],
    ['node-1', 'node-1', 'node-1'],
  ])('%s is called %s, and %s is a pod of it', (owner, name, pod) => {
    expect(workload(owner)).toBe(name);
    expect(isOf(name, pod)).toBe(true);
    expect(isOf(`(${name}|other)`, pod)).toBe(true);
    expect(isOf('.+', pod)).toBe(true);
    expect(isOf('other', pod)).toBe(false);
  });

  it('have no pods of one whose name begins alike', () => {
    expect(isOf('shop', 'shop-api-6bf8c7d9f4-8wq2z')).toBe(false);
  });
});

describe('panel', () => {
  it.each([
    ['rate(container_network_receive_bytes_total[5m])', 'Bps'],
    ['container_memory_rss_bytes', 'bytes'],
    ['cluster:node_cpu:ratio_rate5m', 'percentunit'],
    ['rate(container_network_receive_packets_total[5m])', 'suffix: p/s'],
    ['rate(container_fs_reads_total[5m])', 'suffix: io/s'],
    ['DCGM_FI_DEV_POWER_USAGE', 'watt'],
    ['kube_pod_info', 'short'],
  ])('infers the unit of %s', (expr, unit) => {
    expect(inferUnit(expr)).toBe(unit);
  });

  it('colours percent panels at 70 and 90 and no others', () => {
    const steps = (unit: string) => {
      const { json } = panel('t', 'up', 'stat', { description: 'd', unit });
      const config = json['fieldConfig'] as {
        defaults: { thresholds: { steps: { value: number | null }[] } };
      };
      return config.defaults.thresholds.steps.map((step) => step.value);
    };
    expect(steps('percent')).toEqual([null, 70, 90]);
    expect(steps('percentunit')).toEqual([null, 0.7, 0.9]);
    expect(steps('bytes')).toEqual([null]);
  });
});
