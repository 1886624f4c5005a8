// Which settings the chart's values may name: all of the services but those that its templates set.
import { describeConfig } from '@bud-monitoring/service-kit';
import { dashboardEnv } from '../../services/dashboard/dist/config.js';
import { metricsEnv } from '../../services/metrics/dist/config.js';

/** Set by Dapr's injector, or only of use without it. */
const byDapr = ['DAPR_BASE_URL', 'DAPR_HTTP_PORT'];
/** Dapr itself has them of Kubernetes' Secrets. */
const ofSecrets = ['DAPR_API_TOKEN', 'APP_API_TOKEN'];

/** The chart's schema with the properties of `settings` as they must be, from the texts of both files. */
export function chartSchema(schema, environmentTemplate) {
  const set = new Set(
    [...environmentTemplate.matchAll(/name"?:? "?([A-Z][A-Z_]+)/g)].map(([, n]) => n),
  );
  const free = (env) =>
    describeConfig(env).flatMap((row) => {
      if (row.secret) return ofSecrets.includes(row.name) ? [] : [placeOf(row)];
      return set.has(row.name) || byDapr.includes(row.name) ? [] : [row];
    });
  const properties = (rows) =>
    Object.fromEntries(
      rows.map(({ name, description }) => [name, { $ref: '#/$defs/setting', description }]),
    );
  const [metrics, dashboard] = [free(metricsEnv), free(dashboardEnv)];
  const parsed = JSON.parse(schema);
  Object.assign(parsed.$defs.metricsSettings, { properties: properties(metrics) });
  Object.assign(parsed.$defs.dashboardSettings, { properties: properties(dashboard) });
  const isOfBoth = ({ name }) => metrics.some((row) => row.name === name);
  parsed.$defs.sharedSettings.properties = properties(dashboard.filter(isOfBoth));
  return JSON.stringify(parsed, null, 2);
}

/** Where a secret lies in the Dapr secret store. */
const placeOf = ({ name }) => ({
  name: `${name}_SECRET`,
  description: `Where SECRET_STORE_NAME has ${name}: a secret, or \`name#key\` of one with several values.`,
});
