import { systemClock } from '@bud-monitoring/client';
import { startStack, type Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  demoFleet,
  evenPlan,
  fleetScrapeConfig,
  fleetSeries,
  loadHistory,
  startExporter,
} from '../../stack/src/fleet/index.js';
import type { Cluster, Exporter } from '../../stack/src/fleet/index.js';
import { instantQuery } from './instant-query.js';

const now = Math.floor(systemClock.now() / 1000);
const fleet = demoFleet({ anchor: now });
const series = fleetSeries(fleet);
const [production, staging, , training] = fleet.clusters as [Cluster, Cluster, Cluster, Cluster];

/** The expressions of a dashboard, with what the dashboard service fills in. */
async function expressionsOf(
  template: string,
  id: string,
): Promise<[title: string, expression: string][]> {
  const file = new URL(`../../templates/${template}.json`, import.meta.url);
  const { panels } = JSON.parse(await readFile(file, 'utf8')) as {
    panels: { title: string; targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [
      title,
      expr.replaceAll('$cluster', id).replaceAll('$__rate_interval', '2m'),
    ]),
  );
}

describe('the demo fleet in a real Prometheus', () => {
  let exporter: Exporter;
  let stack: Stack;
  beforeAll(async () => {
    exporter = await startExporter({ series, clock: systemClock });
    stack = await startStack({
      prometheus: {
        scrapeConfigs: [fleetScrapeConfig(exporter.address, '1s')],
        prepare: async (paths) => {
          const plan = evenPlan({ now, days: 1 / 24, interval: 30 });
          await loadHistory({ series, plan, ...paths });
        },
      },
    });
    for (let tries = 0; tries < 100; tries += 1) {
      const live = await ask(`max_over_time(timestamp(node_load1)[1m:1s]) > ${now + 5}`);
      if (live.length > 0) break;
      await sleep(200);
    }
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    await exporter.close();
  });

  const ask = (query: string) => instantQuery(stack.prometheus!.url, query);
  const number = async (query: string) => (await ask(query))[0]?.value;

  it('goes on where history ended: no new series, no reset', async () => {
    expect(await number('scrape_samples_scraped{job="fleet"}')).toBe(
      series.filter(({ value }) => value(systemClock.now() / 1000) !== undefined).length,
    );
    expect(await ask('{job="fleet", cluster!=""}')).toEqual([]);
    expect(
      await ask(
        'count by (cluster) (node_load1) unless count by (cluster) (node_load1 offset 10m)',
      ),
    ).toEqual([]);
    expect(await ask('resets(node_cpu_seconds_total[30m]) > 0')).toEqual([]);
    expect(await ask('resets(container_cpu_usage_seconds_total[30m]) > 0')).toEqual([]);
  });

  it('records what the formulas over the raw series give', async () => {
    const where = `cluster="${production.id}"`;
    const busy = `mode!~"idle|iowait|steal", ${where}`;
    const [recorded, formula] = await Promise.all([
      number(`cluster:node_cpu:ratio_rate5m{${where}}`),
      number(
        `sum(rate(node_cpu_seconds_total{${busy}}[5m])) / count(node_cpu_seconds_total{mode="idle", ${where}})`,
      ),
    ]);
    expect(recorded! - formula!).toBeCloseTo(0, 2);
    const raw = `sum by (namespace) (kube_pod_container_resource_requests{resource="cpu", ${where}})`;
    const rule = `namespace_cpu:kube_pod_container_resource_requests:sum{${where}}`;
    expect(await ask(`abs(${raw} - on (namespace) ${rule}) > 1e-6`)).toEqual([]);
  });

  it.each([
    ['cluster', 'with recording rules', production],
    ['cluster', 'without', staging],
    ['cluster', 'with the new rules alone', training],
    ['nodes', 'with recording rules', production],
    ['nodes', 'without', staging],
    ['power', 'of Kepler', production],
    ['gpu', 'with GPUs', training],
    ['inference', 'that serves models', training],
  ])('fills every panel of the %s dashboard for a cluster %s', async (template, _kind, { id }) => {
    const empty: string[] = [];
    for (const [title, expression] of await expressionsOf(template, id)) {
      if ((await ask(expression)).length === 0) empty.push(title);
    }
    expect(empty).toEqual([]);
  });

  it('has the rules of before 2025 in one cluster only', async () => {
    const old = 'node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate';
    const clusters = await ask(`count by (cluster) (${old})`);
    expect(clusters.map(({ metric }) => metric['cluster'])).toEqual([production.id]);
  });
});
