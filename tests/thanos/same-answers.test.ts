import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { demoFleet, demoPlan, fleetSeries, type KnownSeries } from '../../stack/src/fleet/index.js';
import { instantQuery } from '../fleet/instant-query.js';
import { startService, type TestService } from '../metrics/support/service.js';
import { createTestSidecar } from '../metrics/support/sidecar.js';
import { startStore, type Store } from '../metrics/support/store.js';
import { differences } from './support/alike.js';
import { seriesOfPair } from './support/pair.js';

// Two clusters of the demo in a Prometheus, and as a pair of servers sees them in Thanos.
const end = Date.parse('2026-03-10T12:34:56Z') / 1000;
const from = end - 3 * 3600;
const fleet = demoFleet({ anchor: end });
const plan = demoPlan(end);
const clusters = fleet.clusters.filter(({ name }) => /^(production-east|ml-training)$/.test(name));

const series: KnownSeries[] = fleetSeries({ ...fleet, clusters }).flatMap(
  ({ name, labels, value, tier, interval }) => {
    const times = plan.slices
      .flatMap((slice) => plan.times(tier, slice, interval))
      .filter((t) => t > from && value(t) !== undefined)
      .sort((a, b) => a - b);
    if (times.length === 0) return [];
    return [{ name, labels, times, values: (_elapsed: number, t: number) => value(t) }];
  },
);

const kinds = ['3', 'thanos'] as const;
const down = { a: [[end - 5400, end - 3600]], b: [[end - 1200, end - 900]] } as const;
const samples = {
  '3': series,
  thanos: seriesOfPair(series, { apart: 0.7, later: 11, down }),
};

interface Side {
  readonly store: Store;
  readonly service: TestService;
}
let prometheus: Side;
let thanos: Side;
beforeAll(async () => {
  [prometheus, thanos] = (await Promise.all(
    kinds.map(async (kind): Promise<Side> => {
      const store = await startStore(
        [{ start: from, end, interval: 60, series: samples[kind] }],
        kind,
      );
      const service = await startService({
        prometheus: store.url,
        now: end,
        dapr: createTestSidecar().dapr,
      });
      return { store, service };
    }),
  )) as [Side, Side];
}, 1_200_000);
afterAll(async () => {
  for (const { store, service } of [prometheus, thanos]) {
    await service[Symbol.asyncDispose]();
    await store.stop();
  }
});

/** What depends on the very times of samples; points of series are the store's own rates. */
const ofSampleTimes =
  /timestamp|time_series|newest_sample_age|last_seen|since$|change_percent|covered_seconds|energy_kwh|total_kwh|^\/warnings/;
const alike = { share: 0.06, ignore: ofSampleTimes };

const paths = (id: string) =>
  [
    'metrics?time_range=10min',
    'metrics?time_range=10min&metric_type=gpu',
    `metrics?start=${end - 2 * 3600}&end=${end}&step=300`,
    'node-metrics',
    'alerts',
  ].map((path) => `/clusters/${id}/${path}`);

describe('Thanos over a pair of servers says what Prometheus says', () => {
  it.each(clusters)(
    'of $name',
    async ({ id }) => {
      for (const { service } of [prometheus, thanos]) await service.deliver('/evaluate-alerts', {});
      for (const path of paths(id)) {
        const [theirs, ours] = await Promise.all(
          [prometheus, thanos].map(({ service }) => service.get(path)),
        );
        expect([path, ours?.status]).toEqual([path, 200]);
        const found = differences(theirs?.body.data, ours?.body.data, alike);
        expect([path, found]).toEqual([path, []]);
      }
    },
    120_000,
  );

  it('of the whole fleet', async () => {
    for (const path of ['/clusters?limit=100', '/alerts']) {
      const [theirs, ours] = await Promise.all(
        [prometheus, thanos].map(({ service }) => service.get(path)),
      );
      const found = differences(theirs?.body.data, ours?.body.data, alike);
      expect([path, ours?.status, found]).toEqual([path, 200, []]);
    }
  }, 60_000);

  it.each(readdirSync('templates').filter((name) => name.endsWith('.json')))(
    'to each expression of %s',
    async (file) => {
      const found: string[] = [];
      for (const { id } of clusters)
        for (const expr of expressionsOf(`templates/${file}`, id)) {
          const [theirs, ours] = await Promise.all([
            instantQuery(prometheus.store.url, expr, end),
            // What Thanos joins has other rates: docs/stores.md says how Grafana asks for this.
            instantQuery(thanos.store.url, expr, end, { dedup: 'false' }),
          ]);
          const table = (rows: typeof theirs = []) =>
            Object.fromEntries(rows.map(({ metric, value }) => [JSON.stringify(metric), value]));
          // Few observations are beyond such a quantile, and each scrape has others.
          const share = expr.includes('histogram_quantile(0.99') ? 0.2 : alike.share;
          found.push(
            ...differences(table(theirs), table(ours), { ...alike, share }).map(
              (one) => `${expr}: ${one}`,
            ),
          );
        }
      expect(found).toEqual([]);
    },
    120_000,
  );
});

/** The expressions of a dashboard's panels, of a cluster. */
function expressionsOf(file: string, id: string): string[] {
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as {
    panels: { targets?: { expr?: string }[] }[];
  };
  return panels
    .flatMap(({ targets = [] }) => targets)
    .flatMap(({ expr }) => (expr === undefined ? [] : [expr]))
    .map((expr) =>
      expr
        .replace(/\$\{?cluster\}?/g, id)
        .replace(/\$__rate_interval|\$__interval|\$__range/g, '5m'),
    );
}
