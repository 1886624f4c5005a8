import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ruleFiles } from '../../services/metrics/src/rules/rule-files.js';
import { usePromtool } from '../support/promtool.js';

const folder = fileURLToPath(new URL('../../deploy/rules/', import.meta.url));
const rulesFile = join(folder, 'fleet.yaml');

const promtool = usePromtool();

const [healthy, unready, silent, unmeasured] = ['healthy', 'unready', 'silent', 'unmeasured'];
const gib = 2 ** 30;

interface Given {
  series: string;
  values: string;
}

/** Minutes of the test, and those after which the silent cluster says no more. */
const minutes = 40;
const until = 20;
const during = (name: string) => (name === silent ? until : minutes);
const steady = (value: number, cluster: string) => `${value}x${during(cluster)}`;
const growing = (perMinute: number, cluster: string) => `0+${perMinute}x${during(cluster)}`;

/** One node of two cores: a quarter busy, 12 of 16 GiB free, 30 of 100 GiB left. */
function node(cluster: string, name: string, perCore = 15): Given[] {
  const of = (metric: string, labels: string, values: string): Given => ({
    series: `${metric}{cluster="${cluster}",instance="${name}:9100",${labels}}`,
    values,
  });
  const disk = 'mountpoint="/",device="/dev/vda"';
  return [
    of('node_uname_info', `nodename="${name}"`, steady(1, cluster)),
    of('node_memory_MemTotal_bytes', '', steady(16 * gib, cluster)),
    of('node_memory_MemAvailable_bytes', '', steady(12 * gib, cluster)),
    of('node_filesystem_size_bytes', disk, steady(100 * gib, cluster)),
    of('node_filesystem_avail_bytes', disk, steady(30 * gib, cluster)),
    ...['0', '1'].flatMap((cpu) => [
      of('node_cpu_seconds_total', `cpu="${cpu}",mode="user"`, growing(perCore, cluster)),
      of('node_cpu_seconds_total', `cpu="${cpu}",mode="idle"`, growing(60 - perCore, cluster)),
    ]),
  ];
}

const inKubernetes = (cluster: string, name: string, ready: 0 | 1): Given[] => [
  { series: `kube_node_info{cluster="${cluster}",node="${name}"}`, values: steady(1, cluster) },
  {
    series: `kube_node_status_condition{cluster="${cluster}",node="${name}",condition="Ready",status="true"}`,
    values: steady(ready, cluster),
  },
];

const given: Given[] = [
  ...node(healthy, 'a'),
  ...node(healthy, 'b', 30),
  ...inKubernetes(healthy, 'a', 1),
  ...inKubernetes(healthy, 'b', 1),
  ...node(unready, 'a'),
  ...['receive', 'transmit'].map((way) => ({
    series: `node_network_${way}_errs_total{cluster="${unready}",instance="a:9100",device="eth0"}`,
    values: growing(90, unready),
  })),
  ...inKubernetes(unready, 'a', 1),
  ...inKubernetes(unready, 'b', 0),
  ...node(silent, 'a'),
  ...inKubernetes(unmeasured, 'k', 1),
];

/** The values of a record by cluster, at a minute of the test. */
const expected = (minute: number, record: string, values: Record<string, number>) => ({
  expr: record,
  eval_time: `${minute}m`,
  exp_samples: Object.entries(values).map(([cluster, value]) => ({
    labels: `${record}{cluster="${cluster}"}`,
    value,
  })),
});

describe('the recording rules of the fleet', () => {
  it.each([...ruleFiles()])('%s is what the code makes (npm run templates)', async (name, text) => {
    expect(await readFile(join(folder, name), 'utf8')).toBe(text);
  });

  it('are accepted by promtool, and the same in the object of prometheus-operator', async () => {
    const { stdout } = await promtool.run('check', 'rules', rulesFile);
    expect(stdout).toContain('SUCCESS: 24 rules found');
    const read = async (name: string) =>
      parse(await readFile(join(folder, name), 'utf8')) as { spec?: unknown };
    const { spec } = await read('fleet-prometheusrule.yaml');
    expect(spec).toEqual(await read('fleet.yaml'));
  });

  it('have known answers', async () => {
    const start = 60 * until;
    const tests = [
      expected(minutes, 'cluster:bud_nodes:count', { healthy: 2, unready: 2, unmeasured: 1 }),
      expected(minutes, 'cluster:bud_nodes_ready:count', { healthy: 2, unready: 1, unmeasured: 1 }),
      expected(minutes, 'cluster:bud_cpu:cores', { healthy: 4, unready: 2 }),
      expected(minutes, 'cluster:bud_cpu:percent', { healthy: 37.5, unready: 25 }),
      expected(minutes, 'cluster:bud_memory:percent', { healthy: 25, unready: 25 }),
      expected(minutes, 'cluster:bud_storage_free:bytes', {
        healthy: 60 * gib,
        unready: 30 * gib,
      }),
      expected(minutes, 'cluster:bud_storage:percent', { healthy: 70, unready: 70 }),
      expected(minutes, 'cluster:bud_newest_sample_timestamp_seconds:max', {
        ...{ healthy: 60 * minutes, unready: 60 * minutes, unmeasured: 60 * minutes },
        silent: start,
      }),
      expected(minutes, 'cluster:bud_need:score', {
        ...{ healthy: 70, unready: 150 + 70, silent: 300, unmeasured: 0 },
      }),
      // What nodes are compared with the thresholds of alerts by, of the highest of a cluster.
      expected(minutes, 'cluster:bud_alert_cpu_usage:max', { healthy: 50, unready: 25 }),
      expected(minutes, 'cluster:bud_alert_memory_usage:max', { healthy: 25, unready: 25 }),
      expected(minutes, 'cluster:bud_alert_disk_usage:max', { healthy: 70, unready: 70 }),
      expected(minutes, 'cluster:bud_alert_network_errors:max', { unready: 180 }),
      expected(minutes, 'cluster:bud_alert_node_not_ready:max', {
        ...{ healthy: 0, unready: 1, unmeasured: 0 },
      }),
      // Before it fell silent.
      expected(until, 'cluster:bud_need:score', {
        ...{ healthy: 70, unready: 220, silent: 70, unmeasured: 0 },
      }),
    ];
    await expect(promtoolTest(tests)).resolves.toContain('SUCCESS');
    const wrong = expected(minutes, 'cluster:bud_need:score', { healthy: 71 });
    await expect(promtoolTest([wrong])).rejects.toThrow('Command failed');
  });
});

async function promtoolTest(promql: unknown[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rules-'));
  try {
    const file = join(directory, 'test.yaml');
    const test = {
      rule_files: [rulesFile],
      evaluation_interval: '1m',
      tests: [{ interval: '1m', input_series: given, promql_expr_test: promql }],
    };
    await writeFile(file, JSON.stringify(test));
    const { stdout } = await promtool.run('test', 'rules', file);
    return stdout;
  } finally {
    await rm(directory, { recursive: true });
  }
}
