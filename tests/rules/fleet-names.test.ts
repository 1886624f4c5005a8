import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { usePromtool } from '../support/promtool.js';

const promtool = usePromtool();

const named = '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';
const nameless = '8a1c0d5f-1e2d-4c3b-8a79-6b5c4d3e2f10';
const gone = '0f000000-0000-4000-8000-000000000009';

const name = (cluster: string, instance: string, text: string, since: number) => ({
  series: `bud_dashboard_cluster_name_timestamp_seconds{job="bud-dashboard",instance="${instance}",cluster_id="${cluster}",name="${text}"}`,
  values: `${since}x10`,
});
const names = [
  // A replica that has not heard of the new name.
  name(named, 'a', 'old', 1_000),
  name(named, 'b', 'new', 2_000),
  name(gone, 'b', 'gone', 1_000),
];

const recorded = [named, nameless].flatMap((cluster) => [
  {
    series: `cluster:bud_newest_sample_timestamp_seconds:max{cluster="${cluster}"}`,
    values: '0+60x10',
  },
  { series: `cluster:bud_need:score{cluster="${cluster}"}`, values: '70x10' },
]);
const plain = [named, nameless].flatMap((cluster) => {
  const of = (metric: string) => `${metric}{cluster="${cluster}",instance="n:9100"`;
  return [
    { series: `${of('node_uname_info')},nodename="n"}`, values: '1x10' },
    { series: `${of('node_memory_MemTotal_bytes')}}`, values: '100x10' },
    { series: `${of('node_memory_MemAvailable_bytes')}}`, values: '30x10' },
  ];
});

/** What the overview asks for a column. */
async function columnOf(dashboard: string, panel: string): Promise<string> {
  const text = await readFile(`templates/product/${dashboard}.json`, 'utf8');
  const { panels } = JSON.parse(text) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const [target] = panels.find(({ title }) => title === panel)?.targets ?? [];
  return (target?.expr ?? '').replaceAll('$__rate_interval', '5m');
}

it.each([
  ['fleet-recorded', recorded],
  ['fleet', plain],
])(
  '%s names clusters by their newest name, and by their ids where there is none',
  async (dashboard, series) => {
    const expr = await columnOf(dashboard, 'Clusters by need');
    const expected = (of: (cluster: string) => string) => ({
      expr,
      eval_time: '10m',
      exp_samples: [named, nameless].map((cluster) => ({
        labels: `{cluster="${cluster}",name="${of(cluster)}",column="Need"}`,
        value: 70,
      })),
    });
    const test = (input: object[], promql: object) => ({
      interval: '1m',
      input_series: input,
      promql_expr_test: [promql],
    });
    const file = join(promtool.directory(), `${dashboard}.yaml`);
    const tests = [
      test(
        [...series, ...names],
        expected((cluster) => (cluster === named ? 'new' : cluster)),
      ),
      test(
        series,
        expected((cluster) => cluster),
      ),
    ];
    await writeFile(file, JSON.stringify({ evaluation_interval: '1m', tests }));
    const { stdout } = await promtool.run('test', 'rules', file);
    expect(stdout).toContain('SUCCESS');
  },
);
