import { readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { usePromtool } from '../support/promtool.js';

const folder = 'deploy/helm/bud-monitoring/files';

const promtool = usePromtool();

const requests = 'http_request_duration_seconds';
const rounds = 'bud_metrics_alert_rounds_total';
const provisions = 'bud_dashboard_provision_seconds';
/** A counter that grows by so much a minute, for eight hours. */
const grows = (name: string, more: string, aMinute: number): [string, string] => [
  `${name}{namespace="NAMESPACE",JOB,${more}}`,
  `0+${aMinute}x480`,
];
const answers = (status: string, aMinute: number, fast = aMinute) => [
  grows(`${requests}_count`, `route="/clusters",status="${status}"`, aMinute),
  grows(`${requests}_bucket`, `route="/clusters",status="${status}",le="2.5"`, fast),
];

/** What happens, and which objective that alerts about; what is critical is a warning as well. */
const cases: Record<string, { series: [string, string][]; alerts: string[] }> = {
  well: { series: [...answers('2xx', 1000), grows(rounds, 'outcome="done"', 1)], alerts: [] },
  'health checks and streams are bad': {
    series: [
      ...answers('2xx', 1000),
      grows(`${requests}_count`, 'route="/health/stack",status="5xx"', 900),
      grows(`${requests}_count`, 'route="/clusters/{cluster_id}/stream",status="2xx"', 900),
    ],
    alerts: [],
  },
  '2 % fail': {
    series: [...answers('2xx', 980), ...answers('5xx', 20)],
    alerts: ['availability critical', 'availability warning'],
  },
  '0.2 % fail': {
    series: [...answers('2xx', 998), ...answers('5xx', 2)],
    alerts: ['availability warning'],
  },
  '0.05 % fail': { series: [...answers('2xx', 1999), ...answers('5xx', 1)], alerts: [] },
  '20 % are slow': {
    series: answers('2xx', 1000, 800),
    alerts: ['latency critical', 'latency warning'],
  },
  '2 % of the clusters wait': {
    series: [
      grows(`${provisions}_count`, 'pod="a"', 100),
      grows(`${provisions}_bucket`, 'pod="a",le="30"', 98),
    ],
    alerts: ['provisioning warning'],
  },
  'no alert is evaluated': {
    series: [grows(rounds, 'outcome="not_our_turn"', 1)],
    alerts: ['freshness critical', 'freshness warning'],
  },
  'another replica evaluates': {
    series: [grows(rounds, 'outcome="not_our_turn"', 1), grows(rounds, 'outcome="done"', 1)],
    alerts: [],
  },
};

it('alert at the rate at which error budgets burn', async () => {
  const tests = {
    interval: '1m',
    input_series: Object.entries(cases).flatMap(([job, { series }]) =>
      series.map(([name, values]) => ({ series: name.replace('JOB', `job="${job}"`), values })),
    ),
    promql_expr_test: [
      {
        expr: 'count by (job, slo, severity) (ALERTS)',
        eval_time: '8h',
        exp_samples: Object.entries(cases).flatMap(([job, { alerts }]) =>
          alerts.map((alert) => {
            const [slo, severity] = alert.split(' ');
            return { labels: `{job="${job}",severity="${severity}",slo="${slo}"}`, value: 1 };
          }),
        ),
      },
    ],
  };
  const file = join(promtool.directory(), 'test.yaml');
  await copyFile(join(folder, 'objectives.yaml'), join(promtool.directory(), 'objectives.yaml'));
  const content = { rule_files: ['objectives.yaml'], evaluation_interval: '1m', tests: [tests] };
  await writeFile(file, stringify(content));
  const outcome = await promtool.run('test', 'rules', file).catch((error: unknown) => error);
  const { stdout, stderr } = outcome as { stdout: string; stderr: string };
  expect(`${stdout}${stderr}`).toMatch(/SUCCESS\s*$/);
}, 120_000);

it('explain every alert of the product in docs/operations.md', () => {
  const names = ['alerts', 'objectives'].flatMap((name) => {
    const { groups } = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as {
      groups: { rules: { alert?: string }[] }[];
    };
    return groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
  });
  const headings = readFileSync('docs/operations.md', 'utf8').match(/(?<=^### ).*/gm) ?? [];
  expect(headings).toEqual([...new Set(names)]);
});
