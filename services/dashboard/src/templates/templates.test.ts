import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lint } from '../domain/templates/lint/lint.js';
import type { Json } from '../domain/templates/json.js';
import { templateFiles } from './index.js';
import { inferUnit, panel } from './panel.js';

const folder = join(process.cwd(), 'templates');

describe('templates/', () => {
  it.each([...templateFiles()])('%s is what the code makes (npm run templates)', (name, text) => {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
  });

  it('has the 22 panels of the cluster dashboard, each with a description and a unit', () => {
    const dashboard = JSON.parse(templateFiles().get('cluster.json') ?? '{}') as {
      panels: { description: string; fieldConfig: { defaults: { unit: string } }; id: number }[];
    };
    expect(dashboard.panels).toHaveLength(22);
    expect(new Set(dashboard.panels.map((one) => one.id)).size).toBe(22);
    expect(dashboard.panels.filter((one) => one.description === '')).toEqual([]);
    expect(dashboard.panels.filter((one) => one.fieldConfig.defaults.unit === '')).toEqual([]);
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
      (problem) => !ofCluster.includes(problem) && problem.message !== 'leaves the variable $job',
    );
    expect(queries).toBeGreaterThan(25);
    expect(ofCluster).toHaveLength(queries);
    expect(others).toEqual([]);
  });
});

describe('panel', () => {
  it.each([
    ['rate(container_network_receive_bytes_total[5m])', 'Bps'],
    ['container_memory_rss_bytes', 'bytes'],
    ['cluster:node_cpu:ratio_rate5m', 'percentunit'],
    ['rate(container_network_receive_packets_total[5m])', 'pps'],
    ['rate(container_fs_reads_total[5m])', 'iops'],
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
