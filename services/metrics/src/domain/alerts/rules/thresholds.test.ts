import { describe, expect, it } from '@jest/globals';
import {
  alertOverridesSchema,
  alertThresholdsSchema,
  type AlertMetric,
  type AlertThresholds,
} from '@bud-monitoring/contracts';
import { levelsOf, thresholdsOf } from './thresholds.js';

const defaults: AlertThresholds = {
  cpu_usage: { warning: 70, critical: 90 },
  memory_usage: { warning: 80, critical: 95 },
  disk_usage: { warning: 85, critical: 95 },
  network_errors: { warning: 100, critical: 500 },
  node_not_ready: { enabled: true },
};

describe('thresholds', () => {
  it('are those of all clusters where the cluster has none of its own', () => {
    const own = { cpu_usage: { warning: 10, critical: 20 } };
    expect(thresholdsOf(defaults, own)).toEqual({ ...defaults, ...own });
    expect(thresholdsOf(defaults, undefined)).toEqual(defaults);
  });

  it.each<[name: string, value: unknown]>([
    ['warning above critical', { cpu_usage: { warning: 91, critical: 90 } }],
    ['warning equal to critical', { cpu_usage: { warning: 90, critical: 90 } }],
    ['only one of the two', { cpu_usage: { warning: 90 } }],
    ['more than all of it', { disk_usage: { warning: 90, critical: 101 } }],
    ['zero', { network_errors: { warning: 0, critical: 5 } }],
    ['what Dapr stores as zero', { cpu_usage: { warning: 1e-7, critical: 50 } }],
    ['what Dapr stores as equal', { cpu_usage: { warning: 70.00000001, critical: 70.00000002 } }],
    ['a text', { memory_usage: { warning: '80', critical: 95 } }],
    ['a metric that is not watched', { gpu_usage: { warning: 80, critical: 95 } }],
    ['levels for what has none', { node_not_ready: { warning: 1, critical: 2 } }],
  ])('are refused: %s', (_name, value) => {
    expect(alertOverridesSchema.safeParse(value).success).toBe(false);
  });

  it('must all be there where they are complete', () => {
    expect(alertThresholdsSchema.safeParse(defaults).success).toBe(true);
    expect(alertThresholdsSchema.safeParse({ cpu_usage: defaults.cpu_usage }).success).toBe(false);
  });
});

describe('a level', () => {
  it.each<[AlertMetric, thresholds: number[], clears: number[]]>([
    ['cpu_usage', [70, 90], [65, 85]],
    ['memory_usage', [80, 95], [75, 90]],
    ['disk_usage', [85, 95], [80, 90]],
    ['network_errors', [100, 500], [90, 450]],
    ['node_not_ready', [1], [0]],
  ])('of %s begins at %j and clears at %j', (metric, thresholds, clears) => {
    const levels = levelsOf(metric, defaults);
    expect(levels.map(({ threshold }) => threshold)).toEqual(thresholds);
    expect(levels.map(({ clear }) => clear)).toEqual(clears);
  });

  it('clears above zero, however low it is', () => {
    const low = { ...defaults, cpu_usage: { warning: 2, critical: 8 } };
    expect(levelsOf('cpu_usage', low).map(({ clear }) => clear)).toEqual([1, 4]);
  });

  it('is not there for readiness where that is switched off', () => {
    expect(levelsOf('node_not_ready', { ...defaults, node_not_ready: { enabled: false } })).toEqual(
      [],
    );
  });
});
