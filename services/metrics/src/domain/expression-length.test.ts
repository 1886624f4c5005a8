import { describe, expect, it } from '@jest/globals';
import type { MetricSource } from '../ports.js';
import { readAlertFigures } from './alerts/evaluation/alert-figures.js';
import { readNodeNames } from './alerts/evaluation/node-names.js';
import { summarizeFleet } from './fleet/summary.js';
import { clusterIdOf } from './promql/cluster-label.js';
import { readFleetIntervals } from './targets/fleet-intervals.js';

const at = 1_773_144_000;
const signal = new AbortController().signal;
const settings = {
  networkDeviceExclude: 'lo|veth.*|docker.*|br.*|cni.*|flannel.*|cali.*|kube-ipvs.*',
};
const clusters = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    clusterIdOf(`0e000000-0000-4000-8000-${String(index).padStart(12, '0')}`)!,
  );

/** The longest expression of a fleet of so many clusters, each quarter scraped at another interval. */
async function longest(count: number): Promise<number> {
  const ids = clusters(count);
  const asked: string[] = [];
  const unused = () => Promise.reject(new Error('not used here'));
  const intervalRows = ids.map((cluster, index) => {
    const intervalSeconds = [30, 100, 250, 800][index % 4]!;
    return { metric: { figure: 'long', cluster }, value: 900 / intervalSeconds };
  });
  const source: MetricSource = {
    queryRange: unused,
    metricNames: unused,
    labelValues: unused,
    clusters: () => Promise.resolve(ids),
    query: (expr) => {
      asked.push(expr);
      const series = expr.includes('count_over_time') ? intervalRows : [];
      return Promise.resolve({ series, notes: [] });
    },
  };
  const intervals = await readFleetIntervals(source, { settings, at, signal });
  const before = () => Promise.resolve();
  const onFailure = (_group: string, error: unknown) => {
    throw error;
  };
  await readAlertFigures(source, { settings, intervals, at, signal, before, onFailure });
  await readNodeNames(source, { settings, clusters: ids, at, signal });
  await summarizeFleet(source, { settings, intervals, at, records: [], alerts: new Map(), signal });
  return Math.max(...asked.map(({ length }) => length));
}

describe('expressions that name clusters', () => {
  it.each([10, 60, 130, 200, 201, 1000])(
    'stay below what VictoriaMetrics takes: a fleet of %i',
    async (count) => {
      expect(await longest(count)).toBeLessThan(16_384);
    },
  );
});
