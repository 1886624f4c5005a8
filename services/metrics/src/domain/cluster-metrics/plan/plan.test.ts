import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { lintScope, metricNames } from '@bud-monitoring/promql';
import { catalogueMetricNames, selectionOf } from '../../metrics/index.js';
import type { Query } from '../../promql/queries.js';
import { clusterScope } from '../../promql/scope.js';
import type { Probe } from '../../targets/probe.js';
import { resolveWindow } from '../../time/window.js';
import { planInstant } from './instant.js';
import { planMeans, planSteps } from './means.js';
import { planPoints } from './series.js';

const cluster = clusterIdSchema.parse('11111111-1111-4111-8111-111111111111');
const now = Date.parse('2026-03-10T15:32:10Z');

function probeOf(names: readonly string[] = catalogueMetricNames, nodeExporterJob?: string): Probe {
  const settings = { networkDeviceExclude: 'lo|"veth}.*', nodeExporterJob };
  return {
    names: new Set(names),
    scope: clusterScope(cluster, settings, new Set(names)),
    sample: clusterScope(cluster, settings, new Set(names)),
    clusterLabels: [],
    indexedNodes: new Map(),
    recorded: true,
    semantics: 'extrapolated',
    notes: new Set(),
  };
}

function planOf(range: '10min' | 'today' | '7days' | 'month', probe: Probe): Query[] {
  const window = resolveWindow({ time_range: range }, now);
  const selection = selectionOf('all');
  return [
    ...planInstant(probe, window, selection),
    ...planMeans(probe, window, selection).flatMap(({ queries }) => queries),
    ...planSteps(probe, window, selection).flatMap(({ queries }) => queries),
    ...planPoints(probe, window, selection),
  ];
}

describe('the plan of cluster metrics', () => {
  it.each(['10min', 'today', '7days', 'month'] as const)(
    'reads nothing of another cluster: %s',
    (range) => {
      const queries = planOf(range, probeOf(catalogueMetricNames, 'node "exporter"'));
      // One by one: together they are longer than a query of a caller may be.
      const figures = queries.flatMap((query) => query.figures);
      expect(figures.length).toBeGreaterThan(50);
      for (const { expr } of figures) expect(lintScope(expr, cluster)).toEqual([]);
    },
  );

  it('is at most 16 requests for everything today, its probe of four left out', () => {
    expect(planOf('today', probeOf()).length).toBeLessThanOrEqual(16);
  });

  it('asks for nothing the cluster does not have', () => {
    const names = ['node_memory_MemTotal_bytes', 'node_memory_MemAvailable_bytes'];
    const asked = planOf('today', probeOf(names)).flatMap(({ figures }) =>
      figures.flatMap(({ expr }) => [...metricNames(expr)]),
    );
    expect(new Set(asked)).toEqual(new Set(names));
  });

  it('asks for nothing at all where there is nothing', () => {
    expect(planOf('month', probeOf([]))).toEqual([]);
  });

  it('measures the days of both months in one request a group', () => {
    const window = resolveWindow({ time_range: 'month' }, now);
    const parts = planMeans(probeOf(), window, selectionOf('memory'));
    const daily = parts.filter(({ unit }) => unit === 86_400);
    expect(daily).toHaveLength(1);
    expect(daily[0]!.queries).toHaveLength(1);
    expect(daily[0]!.queries[0]!.at).toMatchObject({ step: 86_400 });
    expect(parts).toHaveLength(5);
  });

  it('measures full hours of a day apart from what changes every minute', () => {
    const window = resolveWindow({ time_range: 'today' }, now);
    const parts = planMeans(probeOf(), window, selectionOf('memory'));
    expect(parts.map(({ belongsTo, range }) => [belongsTo, range.end - range.start])).toEqual([
      ['previous', 1930],
      ['window', 1930],
      [null, 15 * 3600],
      [null, 15 * 3600],
    ]);
  });
});
