import { clusterIdFormats, type ClusterIdFormat } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { AuthConfig } from '../auth/auth-config.js';
import type { LogLevel } from '../log/logger.js';
import { envBoolean, envHeaderText, envInteger, envList, envText, envUrl } from './env-types.js';

const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' ');

/**
 * The variables both services share, as a zod shape. A service adds its own, and its own
 * defaults of PORT and APP_ID: `z.object({ ...commonEnv, PORT: envPort('8081'), ... })`.
 */
export const commonEnv = {
  HOST: envText().prefault('127.0.0.1').meta({ description: 'Address to listen on.' }),
  PORT: envPort('8080'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .meta({ description: 'The least a log line must matter to be written.' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: envUrl().optional().meta({
    description: 'Takes traces (OTLP over HTTP, below it /v1/traces); none unless set.',
  }),
  APP_ID: envText().meta({ description: 'Our own Dapr app id.' }),
  DAPR_BASE_URL: envUrl()
    .optional()
    .meta({ description: 'The sidecar; http://127.0.0.1:DAPR_HTTP_PORT unless set.' }),
  DAPR_HTTP_PORT: envInteger({ min: 1, max: 65_535 })
    .prefault('3500')
    .meta({ description: 'HTTP port of the sidecar, where DAPR_BASE_URL is not set.' }),
  DAPR_API_TOKEN: envHeaderText()
    .optional()
    .meta({ secret: true, description: 'Token we send to the sidecar.' }),
  SECRET_STORE_NAME: envText().optional().meta({
    description:
      'Dapr secret store in which `…_SECRET` names secrets: by their name, or `name#key` of one with several values.',
  }),
  APP_API_TOKEN: envHeaderText().optional().meta({
    secret: true,
    description: 'Token the sidecar sends to us; required with AUTH_MODE=jwt.',
  }),
  PUBSUB_NAME: envText().prefault('pubsub').meta({ description: 'Dapr pub/sub component.' }),
  STATE_STORE_NAME: envText()
    .prefault('statestore')
    .meta({ description: 'Dapr state store component.' }),
  CLUSTER_ID_FORMAT: z.enum(clusterIdFormats).default('uuid').meta({
    description:
      'What the label `cluster` holds: UUIDs, or with `label` also names of up to 63 letters, digits, `-`, `_` and `.`; the same in both services.',
  }),
  AUTH_MODE: z.enum(['jwt', 'off']).meta({
    expected:
      'jwt (bearer tokens are checked; set AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE too) or off (everybody may do everything)',
    description: 'Whether callers need a token. Has no default: it must be decided.',
  }),
  AUTH_JWKS_URL: envUrl({ query: true })
    .optional()
    .meta({ description: 'Key set that signs the tokens.' }),
  AUTH_ISSUER: envList().optional().meta({ description: 'Accepted `iss` values.' }),
  AUTH_AUDIENCE: envList().optional().meta({ description: 'Accepted `aud` values.' }),
  AUTH_ALGORITHMS: envList()
    .refine((items) => items.every((item) => algorithms.includes(item)))
    .prefault('RS256')
    .meta({
      expected: `a list of ${algorithms.join(', ')}`,
      description: 'Accepted signature algorithms; asymmetric ones only.',
    }),
  AUTH_ACCESS_TOKENS_ONLY: envBoolean().prefault('true').meta({
    description: 'Refuse ID, refresh and other tokens, where their issuer marks them.',
  }),
  AUTH_CLIENT_ID: envText()
    .optional()
    .meta({ description: 'Client whose resource_access roles count as permissions.' }),
  AUTH_TRUSTED_APP_IDS: envList()
    .refine((items) => !items.includes('bud-gateway'))
    .optional()
    .meta({
      expected:
        'a list of Dapr app ids; bud-gateway, through which strangers come, cannot be in it',
      description: 'Dapr apps that may do everything without a token; never bud-gateway.',
    }),
} as const;

/** The port to listen on, with the service's own default. */
export function envPort(byDefault: string) {
  return envInteger({ min: 0, max: 65_535 })
    .prefault(byDefault)
    .meta({ description: 'Port to listen on; 0 takes a free one.' });
}

/** Values of commonEnv once read. */
export type CommonValues = z.output<z.ZodObject<typeof commonEnv>>;

/** The configuration that both services share, nested and in camelCase. */
export interface CommonConfig {
  readonly http: { readonly host: string; readonly port: number };
  readonly logLevel: LogLevel;
  /** Where traces go. */
  readonly traces: { readonly endpoint: string } | null;
  readonly dapr: {
    readonly baseUrl: string;
    readonly apiToken: string | undefined;
    readonly pubsubName: string;
    readonly stateStoreName: string;
  };
  readonly clusterIdFormat: ClusterIdFormat;
  readonly auth: AuthConfig;
}

/** The nested form of the common variables, from what readConfig returned; frozen. */
export function commonConfig(values: CommonValues): CommonConfig {
  return Object.freeze({
    http: Object.freeze({ host: values.HOST, port: values.PORT }),
    logLevel: values.LOG_LEVEL,
    traces:
      values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : { endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT },
    dapr: Object.freeze({
      baseUrl: values.DAPR_BASE_URL ?? `http://127.0.0.1:${values.DAPR_HTTP_PORT}`,
      apiToken: values.DAPR_API_TOKEN,
      pubsubName: values.PUBSUB_NAME,
      stateStoreName: values.STATE_STORE_NAME,
    }),
    clusterIdFormat: values.CLUSTER_ID_FORMAT,
    auth: Object.freeze(authConfig(values)),
  });
}

function authConfig(values: CommonValues): AuthConfig {
  const trust = {
    appId: values.APP_ID,
    appApiToken: values.APP_API_TOKEN,
    trustedAppIds: values.AUTH_TRUSTED_APP_IDS ?? [],
  };
  if (values.AUTH_MODE === 'off') return { mode: 'off', ...trust };
  return {
    mode: 'jwt',
    ...trust,
    // readConfig has checked that these three are set.
    jwksUrl: values.AUTH_JWKS_URL ?? '',
    issuers: values.AUTH_ISSUER ?? [],
    audiences: values.AUTH_AUDIENCE ?? [],
    algorithms: values.AUTH_ALGORITHMS,
    accessTokensOnly: values.AUTH_ACCESS_TOKENS_ONLY,
    clientId: values.AUTH_CLIENT_ID,
  };
}
