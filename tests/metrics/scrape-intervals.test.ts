import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ramp, series } from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { day, expectNear, gib } from './support/near.js';
import { startService, type TestService } from './support/service.js';
import { startStore, stores } from './support/store.js';

const changed = '10000000-0000-4000-8000-000000000001';
const slow = '10000000-0000-4000-8000-000000000002';

const end = Date.parse('2026-03-10T18:00:00Z') / 1000;
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;

/** Scraped every 150 s, then every 60, then every 15: a period each, one curve. */
const periods = [
  { start: end - 2 * day, end: midnight + 6 * 3600 - 1, interval: 150 },
  { start: midnight + 6 * 3600, end: end - 3600 - 1, interval: 60 },
  { start: end - 3600, end, interval: 15 },
];
const from = periods[0]!.start;
const since = (offset: number) => (elapsed: number) => elapsed + offset;

describe.each(stores)('on the store: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;
  let service: TestService;

  beforeAll(async () => {
    const batches = periods.map((period) => {
      const at = since(period.start - from);
      const grows = (perSecond: number) => (elapsed: number) => perSecond * at(elapsed);
      const node = (name: string) => ({ cluster: changed, job: 'node', instance: `${name}:9100` });
      const values = { received: grows(1_000_000), busy: grows(0.5) };
      const noon = midnight + 12 * 3600 - from;
      return {
        ...period,
        series: [
          ...nodeSeries(node('stays'), {
            ...values,
            free: (elapsed) => 8 * gib - 20_000 * at(elapsed),
          }),
          ...nodeSeries(node('leaves'), { ...values, alive: (elapsed) => at(elapsed) <= noon }),
          series(
            'kepler_node_package_joules_total',
            { cluster: changed, instance: 'stays' },
            grows(100),
          ),
        ],
      };
    });
    const seldom = {
      ...{ start: end - 2 * day, end, interval: 300 },
      series: nodeSeries({ cluster: slow, instance: 'slow:9100' }, { busy: ramp(0.25) }),
    };
    store = await startStore([...batches, seldom], version);
    service = await startService({ prometheus: store.url, now: end });
  }, 180_000);

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store.stop();
  });

  describe('a scrape interval', () => {
    it('may change within the window', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(changed, 'series=false');
      for (const name of ['stays:9100', 'leaves:9100']) {
        expectNear(nodes[name]!.network_in!.average, 8);
        expectNear(nodes[name]!.network_in!.previous_average, 8);
        expectNear(nodes[name]!.cpu!.average, 50);
      }
      expectNear(nodes['stays:9100']!.network_in!.inbound_mbps, 8);
      expectNear(summary.network_in!.average, (8 * (18 + 12)) / 18);
      const { power } = nodes['stays:9100']!;
      expectNear(power!.total_kwh, 0.1 * 18);
      expectNear(power!.covered_seconds, 18 * 3600);
      expect(power!.change_percent).toBeCloseTo(0, 0);
    });

    it('may be as long as the store looks back', async () => {
      const { nodes } = await service.metrics(slow, 'metric_type=all');
      const { cpu, network_in: network, memory } = nodes['slow:9100']!;
      expectNear(cpu!.usage_percent, 25);
      expectNear(cpu!.average, 25);
      expectNear(network!.inbound_mbps, 8);
      expectNear(memory!.average, 75);
      const points = network!.time_series as { value: number | null }[];
      expect(points.filter(({ value }) => value === null)).toEqual([]);
    });
  });
});
