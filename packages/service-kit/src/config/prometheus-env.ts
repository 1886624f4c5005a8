import type { z } from 'zod';
import { envCertificates, envHeaderText, envText, envUser } from './env-types.js';

/** Credentials for the Prometheus-compatible store, as a zod shape; each service declares its URL. */
export const prometheusEnv = {
  PROMETHEUS_TOKEN: envHeaderText()
    .optional()
    .meta({ secret: true, description: 'Bearer token for the store.' }),
  PROMETHEUS_USERNAME: envUser().optional().meta({ description: 'User of the store.' }),
  PROMETHEUS_PASSWORD: envText()
    .optional()
    .meta({ secret: true, description: 'Password of that user.' }),
  PROMETHEUS_CA_FILE: envCertificates().optional().meta({
    description: 'PEM file of the authorities to trust for the store instead of the usual ones.',
  }),
  PROMETHEUS_TENANT: envHeaderText()
    .optional()
    .meta({ description: 'Tenant of the store, sent as X-Scope-OrgID (Mimir).' }),
} as const;

/** The same in camelCase. */
export interface PrometheusAccess {
  readonly token: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly caFile: string | undefined;
  readonly tenant: string | undefined;
}

export function prometheusAccess(
  values: z.output<z.ZodObject<typeof prometheusEnv>>,
): PrometheusAccess {
  return {
    token: values.PROMETHEUS_TOKEN,
    username: values.PROMETHEUS_USERNAME,
    password: values.PROMETHEUS_PASSWORD,
    caFile: values.PROMETHEUS_CA_FILE,
    tenant: values.PROMETHEUS_TENANT,
  };
}
