import { readFileSync } from 'node:fs';
import { systemClock } from '@bud-monitoring/client';
import type { FleetList } from '@bud-monitoring/contracts';
import { metricNames } from '@bud-monitoring/promql';
import { startStack, type Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { demoFleet, evenPlan, fleetSeries, loadHistory } from '../../stack/src/fleet/index.js';
import { expectNear } from '../metrics/support/near.js';
import { startService } from '../metrics/support/service.js';
import { instantQuery } from './instant-query.js';

const now = Math.floor(systemClock.now() / 1000);
const series = fleetSeries(demoFleet({ anchor: now }));

interface Target {
  expr: string;
}
const targetsOf = (name: string): Map<string, Target[]> => {
  const text = readFileSync(`templates/product/${name}.json`, 'utf8');
  const { panels } = JSON.parse(text) as { panels: { title: string; targets: Target[] }[] };
  return new Map(panels.map(({ title, targets }) => [title, targets]));
};
/** A column's expression, without the label that names the column. */
const columnOf = (targets: readonly Target[], name: string): string =>
  targets.find(({ expr }) => expr.includes(`"column", "${name}"`))?.expr ?? '';

describe('the overview of the fleet', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      prometheus: {
        prepare: async (paths) => {
          // Until after the test: a sample is seen when its time has come.
          const plan = evenPlan({ now: now + 600, days: 1 / 24, interval: 30 });
          await loadHistory({ series, plan, ...paths });
        },
      },
    });
  }, 120_000);
  afterAll(() => stack.stop());

  const ask = (expr: string) =>
    instantQuery(stack.prometheus!.url, expr.replaceAll('$__rate_interval', '5m'));

  it('has something in every panel, and a row for each cluster', async () => {
    for (const [title, targets] of targetsOf('fleet'))
      for (const { expr } of targets)
        expect({ title, expr, rows: (await ask(expr)).length }).not.toMatchObject({ rows: 0 });
    expect(
      await ask(columnOf(targetsOf('fleet').get('Clusters by need') ?? [], 'Need')),
    ).toHaveLength(5);
  });

  it('agrees with the API', async () => {
    await using api = await startService({
      prometheus: stack.prometheus!.url,
      now: Math.floor(systemClock.now() / 1000),
    });
    const { clusters } = (await api.get('/clusters?sort=need')).body.data as FleetList;
    const table = targetsOf('fleet').get('Clusters by need') ?? [];
    const column = async (name: string) => {
      const rows = await ask(columnOf(table, name));
      return new Map(rows.map(({ metric, value }) => [metric['cluster'], value]));
    };
    const [need, cpu, memory, nodes, ready] = [
      await column('Need'),
      await column('CPU'),
      await column('Memory'),
      await column('Nodes'),
      await column('Ready'),
    ];
    const ofTable = [...need].sort(([, a], [, b]) => b - a).map(([cluster]) => cluster);
    expect(clusters.map(({ cluster_id }) => cluster_id)).toEqual(ofTable);
    // Machines with two node-exporters count twice here, and once in the API: docs/fleet.md.
    const doubled = await ask(
      'count by (cluster) (count by (cluster, nodename) (node_uname_info) > 1)',
    );
    const double = new Set(doubled.map(({ metric }) => metric['cluster']));
    expect(double.size).toBe(1);
    for (const one of clusters) {
      expect(nodes.get(one.cluster_id)).toBe(one.nodes);
      expect(ready.get(one.cluster_id)).toBe(one.ready);
      if (one.cpu.usage_percent === null || double.has(one.cluster_id)) continue;
      expectNear(100 * cpu.get(one.cluster_id)!, one.cpu.usage_percent, 0.05);
      expectNear(100 * memory.get(one.cluster_id)!, one.memory.usage_percent!, 0.02);
    }
  });

  it('asks for nothing that the rules do not record, where it takes what they record', () => {
    const { groups } = parse(readFileSync('deploy/rules/fleet.yaml', 'utf8')) as {
      groups: { rules: { record: string }[] }[];
    };
    const records = new Set(groups.flatMap(({ rules }) => rules.map(({ record }) => record)));
    const asked = [...targetsOf('fleet-recorded').values()].flat();
    const names = asked.flatMap(({ expr }) => metricNames(expr));
    expect(names.length).toBeGreaterThan(10);
    // The names of clusters are a series of bud-dashboard's own, and not made by rules.
    const ofProduct = 'bud_dashboard_cluster_name_timestamp_seconds';
    expect(names).toContain(ofProduct);
    expect(names.filter((name) => !records.has(name) && name !== ofProduct)).toEqual([]);
  });
});
