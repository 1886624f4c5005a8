import { alertMetrics } from '@bud-monitoring/contracts';
import { shareOfCores, usage } from '../../metrics/fleet-expressions.js';
import {
  overRateWindows,
  recordedFigures,
  type RecordingRule,
} from '../../targets/recorded-figures.js';
import { fleetScope, type Scope, type ScopeSettings } from '../../promql/scope.js';
import type { AlertMetric } from '../record.js';
import { alertExpressions } from './expressions.js';

/** The series of the highest value among the nodes of each cluster. */
export const maximumOf = (metric: AlertMetric) => `cluster:bud_alert_${metric}:max`;

/** The rules that record them: of the same figures as alerts compare with the thresholds. */
export function maximumRules(settings: ScopeSettings): RecordingRule[] {
  const scope = fleetScope(settings);
  return alertMetrics.map((metric) => ({
    record: maximumOf(metric),
    expr: `max by (cluster) (${valuesOf(metric, scope)})`,
  }));
}

function valuesOf(metric: AlertMetric, scope: Scope): string {
  const { busyCores, memory, storage } = recordedFigures;
  switch (metric) {
    case 'cpu_usage':
      return shareOfCores(scope, busyCores);
    case 'memory_usage':
      return usage(memory.total, memory.free);
    case 'disk_usage':
      return usage(storage.total, storage.free);
    case 'network_errors':
      return overRateWindows((rateOf) => alertExpressions[metric](scope, rateOf));
    case 'node_not_ready':
      return alertExpressions[metric](scope);
  }
}
