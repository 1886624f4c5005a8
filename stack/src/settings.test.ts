import { describe, expect, it } from '@jest/globals';
import { dashboardEnv } from '@bud-monitoring/dashboard/config';
import { metricsEnv } from '@bud-monitoring/metrics/config';
import type { z } from 'zod';
import { serviceSettings } from './settings.js';

const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'x']));

describe('the settings of a service in the environment of the stack', () => {
  const both = ['HOST', 'PORT', 'APP_ID', 'DAPR_BASE_URL', 'DAPR_HTTP_PORT', 'DAPR_API_TOKEN'];
  const addresses = ['APP_API_TOKEN', 'GRAFANA_SCHEME', 'GRAFANA_URL', 'PROMETHEUS_URL'];

  it.each<['metrics' | 'dashboard', z.ZodObject, string[]]>([
    ['metrics', metricsEnv, [...both, ...addresses, 'BUD_CLUSTER_APP_ID']],
    ['dashboard', dashboardEnv, [...both, ...addresses]],
  ])('of bud-%s are passed on, but for those the stack assigns', (service, schema, assigned) => {
    const known = Object.keys(schema.shape);
    const passed = Object.keys(serviceSettings(service, all(known)));
    const kept = known.filter((name) => !passed.includes(name));
    expect(kept.sort()).toEqual(assigned.sort());
  });

  it.each<['metrics' | 'dashboard', string]>([
    ['metrics', 'ALERT_FOR'],
    ['metrics', 'METRICS_CACHE_TTL_SECONDS'],
    ['metrics', 'QUERY_TIMEOUT'],
    ['dashboard', 'PRODUCT_DASHBOARD'],
    ['dashboard', 'DRIFT_POLICY'],
    ['dashboard', 'PENDING_INTERVAL'],
    ['dashboard', 'SHARING_ENABLED'],
    ['dashboard', 'GRAFANA_PASSWORD'],
  ])('of bud-%s include %s', (service, name) => {
    expect(serviceSettings(service, { [name]: 'value' })).toEqual({ [name]: 'value' });
  });

  it('leave out what no schema knows, and what belongs to the other service', () => {
    const env = { PATH: '/bin', NODE_OPTIONS: '--inspect', HOST: '0.0.0.0', ALERT_FOR: '1m' };
    expect(serviceSettings('dashboard', env)).toEqual({});
  });
});
