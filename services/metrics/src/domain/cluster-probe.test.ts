import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import type { MetricSource, RangeRow } from '../ports.js';
import { probeCatalogue } from './cluster-probe.js';

const containers = 'kepler_container_joules_total';
const whole = 'kepler_node_package_joules_total';
const { signal } = new AbortController();

/** A store with these metrics; `alone` nodes have no power but that of their containers. */
function probe(names: readonly string[], alone: number, maxNodes = 10) {
  const unused = () => Promise.reject(new Error('not used here'));
  const row = (figure: string, value: number): RangeRow => ({
    metric: { figure },
    times: [600],
    values: [value],
  });
  const source: MetricSource = {
    query: unused,
    retention: () => Promise.resolve(null),
    joinsReplicas: () => Promise.resolve(false),
    clusters: () =>
      Promise.resolve({ values: ['11111111-1111-4111-8111-111111111111'], notes: [] }),
    samples: unused,
    metricNames: () => Promise.resolve({ values: names, notes: [] }),
    labelValues: () => Promise.resolve({ values: ['10.0.0.1:9100', '10.0.0.2:9100'], notes: [] }),
    queryRange: (expr) => {
      const isAsked = alone > 0 && expr.includes('unless');
      const series = isAsked ? [row(`alone:${containers}`, alone)] : [];
      return Promise.resolve({ series, notes: [] });
    },
  };
  return probeCatalogue(source, {
    cluster: clusterIdSchema.parse('11111111-1111-4111-8111-111111111111'),
    settings: { networkDeviceExclude: 'lo' },
    metricNames: names,
    semantics: 'extrapolated',
    maxNodes,
    ranges: [{ start: 0, end: 600 }],
    signal,
  });
}

describe('power of containers', () => {
  it.each([
    { names: [containers], alone: 0, read: true },
    { names: [containers, whole], alone: 1, read: true },
    { names: [containers, whole], alone: 0, read: false },
  ])('is read only where nodes have nothing else: %j', async ({ names, alone, read }) => {
    const { scope } = await probe(names, alone);
    expect(scope.has(containers)).toBe(read);
    expect(scope.has(whole)).toBe(names.includes(whole));
  });
});

it('refuses a cluster that is larger than an answer may be, and says what to do', async () => {
  await expect(probe([containers], 0, 2)).resolves.toBeDefined();
  await expect(probe([containers], 0, 1)).rejects.toThrow(/more than 1 nodes.*MAX_NODES/);
});
