import { scryptSync } from 'node:crypto';
import type { Datasource, DatasourceSettings } from '@bud-monitoring/client/grafana';

/** Credentials and tenant of the store, as Grafana needs them to ask it. */
export interface StoreAccess {
  token?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  /** PEM text. */
  ca?: string | undefined;
  /** Mimir's tenant. */
  tenant?: string | undefined;
}

/**
 * Makes the settings of our own data source: with all that the store wants of those who ask it, and
 * with the scrape interval in seconds. What somebody else put into `jsonData` stays.
 */
export function createDatasourceSettings({
  uid,
  name,
  access,
}: {
  uid: string;
  name: string;
  access: StoreAccess;
}): (as: { url: string; seconds: number; before: Datasource | null }) => DatasourceSettings {
  const { token, username, password, ca, tenant } = access;
  const secrets = fingerprintOf(access);
  const headers: [name: string, value: string][] = [
    ...(token === undefined ? [] : [['Authorization', `Bearer ${token}`] as [string, string]]),
    ...(tenant === undefined ? [] : [['X-Scope-OrgID', tenant] as [string, string]]),
  ];
  const byBasicAuth = token === undefined && username !== undefined;
  return ({ url, seconds, before }) => ({
    uid,
    name,
    url,
    basicAuth: byBasicAuth,
    basicAuthUser: byBasicAuth ? username : '',
    jsonData: {
      ...before?.jsonData,
      timeInterval: `${seconds}s`,
      ...(ca !== undefined && { tlsAuthWithCACert: true }),
      ...Object.fromEntries(headers.map(([header], n) => [`httpHeaderName${n + 1}`, header])),
      ...(secrets !== null && { budMonitoringSecrets: secrets }),
    },
    secureJsonData: {
      ...(byBasicAuth && { basicAuthPassword: password ?? '' }),
      ...(ca !== undefined && { tlsCACert: ca }),
      ...Object.fromEntries(headers.map(([, value], n) => [`httpHeaderValue${n + 1}`, value])),
    },
  });
}

/** Whether a data source has these settings; its secrets, by the fingerprint that it carries. */
export function isAs(source: Datasource, wanted: DatasourceSettings): boolean {
  const { jsonData = {} } = wanted;
  return (
    source.url === wanted.url &&
    source.basicAuth === wanted.basicAuth &&
    source.basicAuthUser === wanted.basicAuthUser &&
    Object.entries(jsonData).every(([key, value]) => source.jsonData[key] === value)
  );
}

/**
 * Differs for other secrets, which Grafana does not give back; a slow hash, so that it does not help to
 * guess them.
 */
function fingerprintOf({ token, password, ca, tenant }: StoreAccess): string | null {
  const secrets = [token, password, ca, tenant];
  if (secrets.every((secret) => secret === undefined)) return null;
  return scryptSync(JSON.stringify(secrets), 'bud-dashboard', 16).toString('base64url');
}
