import { alertMetrics } from '@bud-monitoring/contracts';
import { shareOfCores } from '../../metrics/fleet-expressions.js';
import {
  overRateWindows,
  recordedBusyCores,
  type RecordingRule,
} from '../../metrics/recorded-figures.js';
import { fleetScope, type Scope, type ScopeSettings } from '../../promql/scope.js';
import type { AlertMetric } from '../record.js';
import { alertExpressions } from './expressions.js';

/** The series of the highest value among the nodes of each cluster. */
export const maximumOf = (metric: AlertMetric) => `cluster:bud_alert_${metric}:max`;

/** The rules that record them: the expressions of alerts, which are compared with the thresholds. */
export function maximumRules(settings: ScopeSettings): RecordingRule[] {
  const scope = fleetScope(settings);
  return alertMetrics.map((metric) => ({
    record: maximumOf(metric),
    expr: `max by (cluster) (${valuesOf(metric, scope)})`,
  }));
}

function valuesOf(metric: AlertMetric, scope: Scope): string {
  if (metric === 'cpu_usage') return shareOfCores(scope, recordedBusyCores);
  if (metric === 'network_errors')
    return overRateWindows((rateOf) => alertExpressions[metric](scope, rateOf));
  return alertExpressions[metric](scope);
}
