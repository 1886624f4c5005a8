import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDapr } from '@bud-monitoring/client/dapr';
import { createPrometheusClient, type PrometheusClient } from '@bud-monitoring/client/prometheus';
import { metricNames } from '@bud-monitoring/promql';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { productScrapes } from '../../stack/src/scrape-product.js';
import { queriesOf } from '../../services/dashboard/src/domain/templates/queries.js';

const apps = ['bud-metrics', 'bud-dashboard'];
const text = readFileSync('templates/product/bud-monitoring.json', 'utf8');
const template = JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] };
const queries = queriesOf(template).flatMap(({ expr }) => (expr === null ? [] : [expr]));

let stack: Stack;
let store: PrometheusClient;

const urlOf = (appId: string) => stack.app(appId).url;
const filled = (expr: string) =>
  expr.replaceAll('$job', 'bud-.*').replaceAll('$__rate_interval', '30s');

beforeAll(async () => {
  stack = await startStack({
    prometheus: true,
    grafana: true,
    apps: [service('metrics'), service('dashboard')],
  });
  await stack.prometheus!.scrape(productScrapes(stack, '1s'));
  store = createPrometheusClient({ url: stack.prometheus!.url });
}, 120_000);
afterAll(() => stack.stop());

/** What each service says that it has, counters without a series yet included. */
async function namesOf(appId: string): Promise<string[]> {
  const exposition = await (await fetch(`${urlOf(appId)}/metrics`)).text();
  return [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => `${name}${part}`) : [name],
  );
}

describe('the dashboard of the product itself', () => {
  it('names no metric that neither service has', async () => {
    const known = new Set((await Promise.all(apps.map(namesOf))).flat());
    const named = [...new Set(queries.flatMap((expr) => metricNames(filled(expr))))].filter(
      (name) => !name.startsWith('dapr_component_'),
    );

    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has data in every panel once there was something to show', async () => {
    const { sidecar } = stack.app('bud-dashboard');
    const dapr = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
    const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
    const headers = { authorization: `Bearer ${token}` };
    const id = randomUUID();
    const ask = async (appId: string, path: string) =>
      (await fetch(`${urlOf(appId)}${path}`, { headers })).body?.cancel();
    // Wherever a counter stands at its first value, the next makes a rate of it.
    const work = async () => {
      await ask('bud-metrics', `/clusters/${id}/prometheus/api/v1/query?query=up`);
      await ask('bud-dashboard', '/nothing/here');
      await dapr.publish('pubsub', 'cluster-created', { cluster_id: id, name: randomUUID() });
      await dapr.publish('pubsub', 'cluster-created', { cluster_id: 'no id' });
      await ask('bud-dashboard', `/clusters/${id}/grafana-dashboard`);
    };
    const empty = async () => {
      const panels = await Promise.all(
        template.panels.map(async ({ title, targets }) => {
          const answers = await Promise.all(targets.map(({ expr }) => store.query(filled(expr))));
          // That nothing happened yet is shown, and is not what is waited for.
          const isShown = ({ series }: (typeof answers)[number]) =>
            series.some(({ metric }) => !Object.values(metric).includes('none'));
          return answers.some(isShown) ? [] : [title];
        }),
      );
      return panels.flat();
    };

    stack.grafana!.fail(400);
    await work();
    await sleep(1_000);
    stack.grafana!.clearFaults();
    const deadline = performance.now() + 60_000;
    let left = await empty();
    while (left.length > 0 && performance.now() < deadline) {
      await work();
      await sleep(1_000);
      left = await empty();
    }
    await dapr.stop();
    expect(left).toEqual([]);
  }, 90_000);
});
