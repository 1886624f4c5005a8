import {
  alertMetrics,
  type AlertMetric,
  type AlertThresholds,
  type ClusterId,
} from '@bud-monitoring/contracts';
import { exportedScope, type ScopeSettings } from '../../promql/scope.js';
import { rateWindows } from '../../time-base/rate-window.js';
import { alertExpressions } from './expressions.js';
import { levelsOf } from './thresholds.js';

/** Summaries of the rules, as Prometheus templates. */
const summaries: Readonly<Record<AlertMetric, string>> = {
  cpu_usage: 'CPU usage of {{ $labels.instance }} is {{ printf "%.1f" $value }} %',
  memory_usage: 'Memory usage of {{ $labels.instance }} is {{ printf "%.1f" $value }} %',
  disk_usage: 'The root file system of {{ $labels.instance }} is {{ printf "%.1f" $value }} % full',
  network_errors: '{{ $labels.instance }} has {{ printf "%.0f" $value }} network errors a minute',
  node_not_ready: 'Node {{ $labels.node }} is not ready',
};

/**
 * The thresholds of a cluster as a Prometheus rule file, with the same expressions and over the same
 * windows. Its rules have no
 * hysteresis: an alert resolves as soon as the value is below the threshold.
 */
export function ruleFile(options: {
  cluster: ClusterId;
  /** How the store writes its id, where not as it is. */
  labels?: readonly string[] | undefined;
  thresholds: AlertThresholds;
  settings: ScopeSettings;
  /** Seconds; by default the shortest. */
  rateWindow?: number | undefined;
  /** How long a level must be held, seconds. */
  hold: number;
}): string {
  const { cluster, thresholds, settings, rateWindow = rateWindows[0], hold } = options;
  const scope = exportedScope(cluster, settings, options.labels);
  const rateOf = (selected: string) => `rate(${selected}[${rateWindow / 60}m])`;
  const rules = alertMetrics.flatMap((metric) =>
    levelsOf(metric, thresholds).flatMap(({ severity, threshold }) => [
      `      - alert: ${ruleName(metric, severity)}`,
      `        expr: ${text(`(${alertExpressions[metric](scope, rateOf)}) >= ${threshold}`)}`,
      `        for: ${hold}s`,
      '        labels:',
      `          severity: ${severity}`,
      `          metric: ${metric}`,
      '        annotations:',
      `          summary: ${text(summaries[metric])}`,
    ]),
  );
  return [
    `# Alerts of cluster ${cluster}.`,
    'groups:',
    `  - name: ${text(`bud-monitoring-${cluster}`)}`,
    rules.length === 0 ? '    rules: []' : '    rules:',
    ...rules,
    '',
  ].join('\n');
}

/** `cpu_usage`, `warning`: `BudCpuUsageWarning`. */
export function ruleName(metric: AlertMetric, severity: string): string {
  const words = ['bud', ...metric.split('_'), severity];
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** A JSON text is a quoted scalar of YAML. */
const text = (value: string) => JSON.stringify(value);
