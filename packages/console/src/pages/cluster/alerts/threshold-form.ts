import type { AlertMetric, AlertOverrides, AlertThresholds } from '@bud-monitoring/contracts';

/** The metrics that have two levels, with the unit of both. */
export const levelled = [
  ['cpu_usage', '%'],
  ['memory_usage', '%'],
  ['disk_usage', '%'],
  ['network_errors', '/min'],
] as const satisfies readonly (readonly [AlertMetric, string])[];

/** The thresholds that a form says. Its fields are `cpu_usage.warning`, ..., `node_not_ready`. */
export function readThresholds(form: FormData): AlertThresholds {
  const level = (metric: string) => ({
    warning: Number(form.get(`${metric}.warning`)),
    critical: Number(form.get(`${metric}.critical`)),
  });
  return {
    cpu_usage: level('cpu_usage'),
    memory_usage: level('memory_usage'),
    disk_usage: level('disk_usage'),
    network_errors: level('network_errors'),
    node_not_ready: { enabled: form.get('node_not_ready') !== null },
  };
}

/**
 * What to put so that a cluster has these thresholds: those that it has of its own already and those that were changed.
 * The others go on following what is configured for all.
 */
export function overridesOf(
  wanted: AlertThresholds,
  had: { thresholds: AlertThresholds; overridden: readonly AlertMetric[] },
): AlertOverrides {
  const kept = (metric: AlertMetric) =>
    had.overridden.includes(metric) ||
    JSON.stringify(wanted[metric]) !== JSON.stringify(had.thresholds[metric]);
  const entries = Object.entries(wanted).filter(([metric]) => kept(metric as AlertMetric));
  return Object.fromEntries(entries);
}

/** What is wrong with them, for people; null if nothing. The API decides; this only spares a request. */
export function problemOf(wanted: AlertThresholds): string | null {
  const wrong = levelled.find(([metric]) => wanted[metric].warning >= wanted[metric].critical);
  return wrong === undefined ? null : 'A warning must begin below what is critical';
}
