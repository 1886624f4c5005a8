import { dashboardEnv } from '@bud-monitoring/dashboard/config';
import { metricsEnv } from '@bud-monitoring/metrics/config';
import type { Env } from './programs/env.js';

const schemas = { metrics: metricsEnv, dashboard: dashboardEnv } as const;

/** Variables that the stack assigns itself: addresses, ports, Dapr tokens, app ids. */
const assigned: ReadonlySet<string> = new Set([
  'HOST',
  'PORT',
  'APP_ID',
  'DAPR_BASE_URL',
  'DAPR_HTTP_PORT',
  'DAPR_API_TOKEN',
  'APP_API_TOKEN',
  'BUD_CLUSTER_APP_ID',
  'PROMETHEUS_URL',
  'GRAFANA_URL',
  'GRAFANA_SCHEME',
]);

/** The variables of a service that `env` sets, without those that the stack assigns. */
export function serviceSettings(service: keyof typeof schemas, env: Env): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of Object.keys(schemas[service].shape)) {
    const value = env[name];
    if (value !== undefined && !assigned.has(name)) settings[name] = value;
  }
  return settings;
}
