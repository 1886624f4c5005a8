import { uncountedNetworkDevices } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { MetricSource } from '../ports.js';
import { readAlertFigures } from './alerts/evaluation/alert-figures.js';
import { readNodeNames } from './alerts/evaluation/node-names.js';
import { namesInMaxima, readSuspects } from './alerts/evaluation/suspects.js';
import { listFleet } from './fleet/listing/listing.js';
import { summarizeClusters } from './fleet/summary/summary.js';
import { clusterIdOf } from './promql/cluster-label.js';
import { scopesOf } from './promql/cluster-scopes.js';

const at = 1_773_144_000;
const signal = new AbortController().signal;
const settings = { networkDeviceExclude: uncountedNetworkDevices };
const level = { warning: 70, critical: 90 };
const thresholds = {
  cpu_usage: level,
  memory_usage: level,
  disk_usage: level,
  network_errors: level,
  node_not_ready: { enabled: true },
};
const semantics = 'extrapolated' as const;
const clusters = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    clusterIdOf(`0e000000-0000-4000-8000-${String(index).padStart(12, '0')}`)!,
  );

/** The longest expression of a fleet of so many clusters, a node each that is sampled every four minutes. */
async function longest(count: number): Promise<number> {
  const ids = clusters(count);
  const asked: string[] = [];
  const unused = () => Promise.reject(new Error('not used here'));
  const source: MetricSource = {
    queryRange: unused,
    metricNames: unused,
    labelValues: unused,
    retention: () => Promise.resolve(null),
    joinsReplicas: () => Promise.resolve(false),
    clusters: () => Promise.resolve({ values: ids, notes: [] }),
    samples: (selector) => {
      asked.push(selector);
      const series = ids.map((cluster, index) => ({
        metric: { cluster, instance: `10.0.${index >> 8}.${index & 255}:9100` },
        times: [at - 480, at - 240],
        values: [1, 1],
      }));
      return Promise.resolve({ series, notes: [] });
    },
    query: (expr) => {
      asked.push(expr);
      return Promise.resolve({ series: [], notes: [] });
    },
  };
  const before = () => Promise.resolve();
  const onFailure = (_group: string, error: unknown) => {
    throw error;
  };
  for (const own of [ids, ids.filter((_, index) => index % 4 === 0)]) {
    const scopes = scopesOf(settings, own, ids);
    await readAlertFigures(source, { scopes, semantics, at, signal, before, onFailure });
    await readNodeNames(source, { scopes, at, signal });
    const maxima = scopesOf(settings, own, ids, namesInMaxima);
    await readSuspects(source, { scopes: maxima, thresholdsOf: () => thresholds, at, signal });
  }
  const listing = await listFleet(source, { at, records: [], signal });
  // All of them, neighbours, and every other one.
  for (const page of [ids, ids.slice(0, 100), ids.filter((_, index) => index % 2 === 0)]) {
    const request = { settings, semantics, at, listing, clusters: page, alerts: new Map() };
    await summarizeClusters(source, { ...request, signal });
  }
  return Math.max(...asked.map(({ length }) => length));
}

describe('expressions that name clusters and instances', () => {
  it.each([10, 60, 130, 200, 201, 1000])(
    'stay below what VictoriaMetrics takes: a fleet of %i',
    async (count) => {
      expect(await longest(count)).toBeLessThan(16_384);
    },
  );
});
