import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema, type AlertThresholds } from '@bud-monitoring/contracts';
import { lintScope } from '@bud-monitoring/promql';
import { parse } from 'yaml';
import { ruleFile } from '../../services/metrics/src/domain/alerts/rules/rule-file.js';
import { usePromtool } from '../support/promtool.js';

const cluster = clusterIdSchema.parse('0a1e0000-0000-4000-8000-0000000000aa');
const thresholds: AlertThresholds = {
  cpu_usage: { warning: 70, critical: 90 },
  memory_usage: { warning: 80, critical: 95 },
  disk_usage: { warning: 85, critical: 95 },
  network_errors: { warning: 100.5, critical: 500 },
  node_not_ready: { enabled: true },
};

interface RuleFile {
  groups: { rules: { alert: string; expr: string; for: string; labels: { severity: string } }[] }[];
}

const promtool = usePromtool();

function write(own: Partial<AlertThresholds> = {}) {
  return ruleFile({
    cluster,
    thresholds: { ...thresholds, ...own },
    settings: { networkDeviceExclude: 'lo|br.*|a"b\\d', nodeExporterJob: 'node "exporter"' },
    rateWindow: 600,
    hold: 300,
  });
}

/** What promtool says of the text, in the words of its last line. */
async function check(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'rules-'));
  try {
    const file = join(directory, 'rules.yml');
    await writeFile(file, text);
    const { stdout } = await promtool.run('check', 'rules', file);
    return stdout;
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('the rule file of a cluster', () => {
  it('is one that promtool accepts', async () => {
    expect(await check(write())).toContain('SUCCESS: 9 rules found');
  });

  it('is one without readiness, too, and one that promtool would refuse is not', async () => {
    const without = write({ node_not_ready: { enabled: false } });
    expect(await check(without)).toContain('SUCCESS: 8 rules found');
    await expect(check(without.replace('100 *', '100 **'))).rejects.toThrow('Command failed');
  });

  it('has the thresholds, of this cluster alone', () => {
    const { groups } = parse(write()) as RuleFile;
    const rules = groups.flatMap((group) => group.rules);
    expect(
      rules.map(({ alert, expr, labels }) => [alert, labels.severity, expr.split(' >= ').at(-1)]),
    ).toEqual([
      ['BudCpuUsageWarning', 'warning', '70'],
      ['BudCpuUsageCritical', 'critical', '90'],
      ['BudMemoryUsageWarning', 'warning', '80'],
      ['BudMemoryUsageCritical', 'critical', '95'],
      ['BudDiskUsageWarning', 'warning', '85'],
      ['BudDiskUsageCritical', 'critical', '95'],
      ['BudNetworkErrorsWarning', 'warning', '100.5'],
      ['BudNetworkErrorsCritical', 'critical', '500'],
      ['BudNodeNotReadyCritical', 'critical', '1'],
    ]);
    for (const { expr, for: hold } of rules) {
      expect(lintScope(expr, cluster)).toEqual([]);
      expect(hold).toBe('300s');
    }
  });
});
