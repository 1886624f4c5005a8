import {
  alertMetrics,
  type AlertMetric,
  type AlertOverrides,
  type AlertThresholds,
  type ClusterId,
  type ClusterThresholds,
} from '@bud-monitoring/contracts';
import type { Level } from '../record.js';

/** The levels of a metric from the lowest on; none where it has no rule. */
export function levelsOf(metric: AlertMetric, thresholds: AlertThresholds): Level[] {
  if (metric === 'node_not_ready') {
    return thresholds[metric].enabled ? [{ severity: 'critical', threshold: 1, clear: 0 }] : [];
  }
  const { warning, critical } = thresholds[metric];
  const clearOf = metric === 'network_errors' ? tenPercentBelow : fivePointsBelow;
  return [
    { severity: 'warning', threshold: warning, clear: clearOf(warning) },
    { severity: 'critical', threshold: critical, clear: clearOf(critical) },
  ];
}

const tenPercentBelow = (threshold: number) => 0.9 * threshold;
/** Five points, but of a low threshold half: nothing is below zero, and the alert must be able to end. */
const fivePointsBelow = (threshold: number) => threshold - Math.min(5, threshold / 2);

/** The thresholds of a cluster: its own, else the defaults. */
export function thresholdsOf(
  defaults: AlertThresholds,
  overrides: AlertOverrides | undefined,
): AlertThresholds {
  const own = Object.entries(overrides ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(own) };
}

/** The thresholds of a cluster in an answer. */
export function toThresholdsResponse(
  cluster: ClusterId,
  defaults: AlertThresholds,
  overrides: AlertOverrides | undefined,
): ClusterThresholds {
  return {
    cluster_id: cluster,
    thresholds: thresholdsOf(defaults, overrides),
    overridden: alertMetrics.filter((metric) => overrides?.[metric] !== undefined),
  };
}
