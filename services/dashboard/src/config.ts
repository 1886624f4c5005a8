import { fileURLToPath } from 'node:url';
import {
  commonConfig,
  commonEnv,
  envAddress,
  envBoolean,
  envDuration,
  envFolder,
  envHeaderText,
  envInteger,
  envPort,
  envText,
  envUrl,
  envUser,
  readConfig,
  prometheusAccess,
  prometheusEnv,
  type CommonConfig,
  type PrometheusAccess,
} from '@bud-monitoring/service-kit';
import { z } from 'zod';
import type { DriftPolicy } from './domain/reconcile/plan.js';

const builtInTemplates = fileURLToPath(new URL('../../../templates', import.meta.url));

/** Every variable of bud-dashboard. */
export const dashboardEnv = z
  .object({
    ...commonEnv,
    PORT: envPort('8082'),
    APP_ID: commonEnv.APP_ID.prefault('bud-dashboard'),
    GRAFANA_SCHEME: z.enum(['http', 'https']).default('http').meta({
      description: 'How Grafana is reached.',
    }),
    GRAFANA_URL: envAddress().meta({
      description: 'Where Grafana is reached; a scheme before it counts instead of GRAFANA_SCHEME.',
    }),
    GRAFANA_TOKEN: envHeaderText().optional().meta({
      secret: true,
      description: 'Token of a service account; instead of a user and a password.',
    }),
    GRAFANA_USERNAME: envUser().optional().meta({ description: 'User of Grafana.' }),
    GRAFANA_PASSWORD: envText().optional().meta({
      secret: true,
      description: 'Password of that user.',
    }),
    GRAFANA_ORG_ID: envInteger({ min: 1, max: 1_000_000_000 }).optional().meta({
      description:
        'Number of the organisation for all dashboards. Unless set, the one of the token, or the one that the user has chosen last: set it where a person uses the same account.',
    }),
    GRAFANA_PUBLIC_URL: envUrl().optional().meta({
      description: 'Where a browser opens Grafana; scheme and address from above unless set.',
    }),
    GRAFANA_FOLDER: envText().optional().meta({
      description: 'Title of the folder for all dashboards; General unless set.',
    }),
    GRAFANA_DATASOURCE_UID: envText().prefault('prometheus').meta({
      description:
        'Uid of the data source that the dashboards ask. Where Grafana lacks it, the only one of type prometheus is taken, or the default one of several.',
    }),
    GRAFANA_DATASOURCE_URL: envUrl().optional().meta({
      description:
        'Where Grafana itself reaches the store; the data source is made if it is missing, with the credentials, tenant and certificate authority of PROMETHEUS_ and the scrape interval that is found.',
    }),
    DISCOVER_CLUSTERS: envBoolean().prefault('true').meta({
      description:
        'Whether clusters that no event announced are found in the store; needs PROMETHEUS_URL.',
    }),
    PROMETHEUS_URL: envUrl().optional().meta({ description: 'The Prometheus-compatible store.' }),
    ...prometheusEnv,
    TEMPLATES_DIR: envFolder().prefault(builtInTemplates).meta({
      description: 'Folder of the dashboard templates; those of the product unless set.',
    }),
    FLEET_DASHBOARD: envBoolean().prefault('false').meta({
      description:
        'Whether Grafana gets an overview of all clusters for operators as well (product/fleet.json among the templates, or product/fleet-recorded.json where the store has the recording rules of deploy/rules); it is never public. The names of clusters are then on /metrics.',
    }),
    PRODUCT_DASHBOARD: envBoolean().prefault('false').meta({
      description:
        'Whether Grafana gets the dashboard of this product itself (product/bud-monitoring.json among the templates) as well; it is never public.',
    }),
    DRIFT_POLICY: z.enum(['overwrite', 'warn', 'keep']).default('overwrite').meta({
      description: 'What to do about a dashboard that somebody changed in Grafana.',
    }),
    SHARING_ENABLED: envBoolean().prefault('true').meta({
      description: 'Whether dashboards get a public link at all.',
    }),
    EVENTS_WITH_LINK: envBoolean().prefault('false').meta({
      description: 'Whether dashboard-provisioned carries the public link, which is a secret.',
    }),
    // Five wrong logins lock a Grafana account: fewer calls at once cannot lock it.
    PROVISION_CONCURRENCY: envInteger({ min: 1, max: 32 }).prefault('4').meta({
      description: 'Clusters for which Grafana is worked on at once.',
    }),
    PENDING_INTERVAL: envDuration({ min: '1s' }).prefault('2m').meta({
      description:
        'How often work that was left open is looked for; the cron binding must tick at least as often.',
    }),
    DRIFT_INTERVAL: envDuration({ min: '1s' }).prefault('10m').meta({
      description: 'How often every cluster is compared with Grafana.',
    }),
    GRAFANA_LOGIN_PAUSE: envDuration().prefault('30m').meta({
      description:
        'How long a wrong password is not tried again; a token locks nobody out, and is.',
    }),
  })
  .superRefine(({ GRAFANA_TOKEN, GRAFANA_USERNAME, GRAFANA_PASSWORD }, context) => {
    if (GRAFANA_TOKEN !== undefined) return;
    if (GRAFANA_USERNAME !== undefined && GRAFANA_PASSWORD !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['GRAFANA_TOKEN'],
      message: 'is not set; it must be a token, or GRAFANA_USERNAME and GRAFANA_PASSWORD be set',
    });
  });

/** The configuration as the code speaks; durations in milliseconds. */
export interface Config extends CommonConfig {
  readonly grafana: {
    readonly scheme: 'http' | 'https';
    readonly url: string;
    readonly token: string | undefined;
    readonly username: string | undefined;
    readonly password: string | undefined;
    /** Number of the organisation. */
    readonly orgId: number | undefined;
    /** What a browser opens, without a slash at its end. */
    readonly publicUrl: string;
    readonly folder: string | null;
    readonly datasource: {
      readonly uid: string;
      readonly url: string | null;
      /** What the store wants of those who ask it, and so of Grafana. */
      readonly access: PrometheusAccess;
    };
    readonly loginPauseMs: number;
  };
  /** The store in which clusters are discovered; null where they are not. */
  readonly prometheus: (PrometheusAccess & { readonly url: string }) | null;
  readonly templatesDir: string;
  /** Whether Grafana gets the dashboard of the product itself. */
  readonly productDashboard: boolean;
  /** Whether Grafana gets the overview of the fleet. */
  readonly fleetDashboard: boolean;
  readonly drift: DriftPolicy;
  readonly sharingAllowed: boolean;
  readonly eventsWithLink: boolean;
  readonly concurrency: number;
  readonly pendingIntervalMs: number;
  readonly driftIntervalMs: number;
}

/** Reads the environment; throws a `ConfigError` that lists every wrong variable. */
export function readDashboardConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values = readConfig(dashboardEnv, env);
  const { scheme = values.GRAFANA_SCHEME, address: url } = values.GRAFANA_URL;
  return {
    ...commonConfig(values),
    grafana: {
      scheme,
      url,
      token: values.GRAFANA_TOKEN,
      username: values.GRAFANA_USERNAME,
      password: values.GRAFANA_PASSWORD,
      orgId: values.GRAFANA_ORG_ID,
      publicUrl: values.GRAFANA_PUBLIC_URL ?? `${scheme}://${url}`,
      folder: values.GRAFANA_FOLDER ?? null,
      datasource: {
        uid: values.GRAFANA_DATASOURCE_UID,
        url: values.GRAFANA_DATASOURCE_URL ?? null,
        access: prometheusAccess(values),
      },
      loginPauseMs: values.GRAFANA_LOGIN_PAUSE,
    },
    prometheus: prometheusOf(values),
    templatesDir: values.TEMPLATES_DIR,
    productDashboard: values.PRODUCT_DASHBOARD,
    fleetDashboard: values.FLEET_DASHBOARD,
    drift: values.DRIFT_POLICY,
    sharingAllowed: values.SHARING_ENABLED,
    eventsWithLink: values.EVENTS_WITH_LINK,
    concurrency: values.PROVISION_CONCURRENCY,
    pendingIntervalMs: values.PENDING_INTERVAL,
    driftIntervalMs: values.DRIFT_INTERVAL,
  };
}

function prometheusOf(values: z.output<typeof dashboardEnv>): Config['prometheus'] {
  if (values.PROMETHEUS_URL === undefined || !values.DISCOVER_CLUSTERS) return null;
  return { url: values.PROMETHEUS_URL, ...prometheusAccess(values) };
}
