import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FleetCluster } from '@bud-monitoring/contracts';
import { expectNear } from '../metrics/support/near.js';
import { every, sampledNode } from '../metrics/support/sampled-node.js';
import { startService, type TestService } from '../metrics/support/service.js';
import { startStore, type Store } from '../metrics/support/store.js';
import { seriesOfPair } from './support/pair.js';

// `npm run test:thanos`; tests/thanos is left out of `npm test` (jest.config.mjs).
const end = Date.parse('2026-03-10T16:00:00Z') / 1000;
const from = end - 9 * 3600;

/** Nodes whose figures never change, scraped by two servers of which each was down for a while. */
const cases = [
  { interval: 15, apart: 0.4 },
  { interval: 30, apart: 2 },
  { interval: 30, apart: -1.5 },
  { interval: 60, apart: 2 },
  { interval: 15, apart: 20 },
].map((options, index) => ({
  ...options,
  id: `40000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  // What a switch between servers, and between clocks, hides or counts twice: docs/stores.md.
  slack: 0.03 + (1.5 * Math.abs(options.apart)) / 600,
}));

const down = {
  a: [
    [end - 3 * 3600, end - 2 * 3600],
    [end - 280, end - 100],
  ],
  b: [
    [end - 5 * 3600, end - 4 * 3600],
    [end - 520, end - 400],
  ],
} as const;

const series = cases.flatMap(({ id, interval, apart }) =>
  ['10.0.0.1', '10.0.0.2'].flatMap((ip, index) =>
    seriesOfPair(
      sampledNode({ cluster: id, ip, times: [every(interval, { from, to: end, phase: index })] }),
      { apart, later: interval * 0.4, down },
    ),
  ),
);

let store: Store;
let service: TestService;
beforeAll(async () => {
  store = await startStore([{ start: from, end, interval: 30, series }], 'thanos');
  service = await startService({ prometheus: store.url, now: end });
}, 1_200_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await store.stop();
});

describe.each(cases)(
  'a pair of servers every $interval s whose clocks are $apart s apart',
  ({ id, interval, slack }) => {
    it.each([
      ['10 minutes', 600],
      ['an hour', 3600],
      ['8 hours', 8 * 3600],
    ])('has the figures of its nodes over %s', async (_, seconds) => {
      const query = `start=${end - seconds}&end=${end}&series=false`;
      const { cluster_summary: summary, nodes } = await service.metrics(id, query);
      expect(Object.keys(nodes)).toHaveLength(2);
      expectNear(summary.cpu?.average, 25, slack);
      expectNear(summary.network_in?.average, 20, slack);
      expectNear(summary.memory?.usage_percent, 25);
      expectNear(summary.power?.average_watts, 80, slack);
      const { covered_seconds: covered } = nodes['10.0.0.1:9100']!.power!;
      expect(covered).toBeGreaterThan(seconds - 3 * interval - 1);
      expect(covered).toBeLessThanOrEqual(seconds);
    });

    it('has the rates of the moment and of the series', async () => {
      const { cluster_summary: summary } = await service.metrics(
        id,
        'time_range=10min&series=true',
      );
      expectNear(summary.cpu?.usage_percent, 25, 2 * slack);
      const points = summary.cpu?.time_series as { value: number | null }[];
      expect(points.length).toBeGreaterThan(10);
      const isNear = (value: number | null) => Math.abs((value ?? NaN) / 25 - 1) < 2 * slack;
      expect(points.filter(({ value }) => !isNear(value)).length).toBeLessThan(points.length / 3);
      const { nodes } = await service.nodeMetrics(id);
      expectNear(nodes['10.0.0.2']!.network.stats.receive_errors.current, 0.5, 0.06 + 2 * slack);
    });

    it('has them in the list of clusters', async () => {
      const { body } = await service.get('/clusters?limit=100');
      const { clusters } = body.data as { clusters: FleetCluster[] };
      const own = clusters.find((one) => one.cluster_id === id);
      expect(own?.nodes).toBe(2);
      expectNear(own?.cpu.usage_percent, 25, 2 * slack);
      expectNear(own?.memory.usage_percent, 25);
    });
  },
);
