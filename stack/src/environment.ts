import type { Identity } from './identity/identity.js';
import type { AppContext, GrafanaAddress } from './options.js';

/** What the environment of an app process is made of. */
export interface EnvironmentParts {
  identity: Identity;
  prometheusUrl: string | undefined;
  grafana: Readonly<Record<string, string>>;
  common: Readonly<Record<string, string>>;
}

/** The standard environment of a service in this stack. */
export function appEnvironment(
  parts: EnvironmentParts,
  app: Pick<AppContext, 'port' | 'dapr'>,
): Record<string, string> {
  const { identity, prometheusUrl } = parts;
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(app.port),
    DAPR_BASE_URL: app.dapr.url,
    DAPR_API_TOKEN: app.dapr.apiToken,
    APP_API_TOKEN: app.dapr.appToken,
    AUTH_MODE: 'jwt',
    AUTH_JWKS_URL: identity.jwksUrl,
    AUTH_ISSUER: identity.issuer,
    AUTH_AUDIENCE: identity.audience,
    AUTH_ALGORITHMS: identity.algorithm,
    BUD_CLUSTER_APP_ID: 'bud-cluster',
    ...(prometheusUrl !== undefined && { PROMETHEUS_URL: prometheusUrl }),
    ...parts.grafana,
    ...parts.common,
  };
}

/** GRAFANA_* variables for the fake Grafana, with a data source for the store. */
export function fakeGrafanaEnvironment(
  fake: { url: string },
  prometheusUrl: string | null,
): Record<string, string> {
  const { protocol, host } = new URL(fake.url);
  return {
    GRAFANA_SCHEME: protocol.replace(':', ''),
    GRAFANA_URL: host,
    GRAFANA_USERNAME: 'admin',
    GRAFANA_PASSWORD: 'admin',
    GRAFANA_PUBLIC_URL: fake.url,
    ...(prometheusUrl !== null && { GRAFANA_DATASOURCE_URL: prometheusUrl }),
  };
}

/**
 * GRAFANA_* variables for an external Grafana. For a Prometheus of this stack it gets a data source whose
 * uid has the port in it: the data source of an earlier run points to a port that is closed by now.
 */
export function externalGrafanaEnvironment(
  { scheme, url, environment }: GrafanaAddress,
  ownPrometheus: string | null,
): Record<string, string> {
  return {
    GRAFANA_SCHEME: scheme,
    GRAFANA_URL: url,
    ...(ownPrometheus !== null && {
      GRAFANA_DATASOURCE_UID: `bud-monitoring-${new URL(ownPrometheus).port}`,
      GRAFANA_DATASOURCE_URL: ownPrometheus,
    }),
    ...environment,
  };
}
