import { startService } from '../../metrics/support/service.js';
import type { Stack } from '@bud-monitoring/stack';

/** The environment of a service that asks for the tokens of a stack. */
export function jwtEnvironment({ identity }: Stack): Record<string, string> {
  return {
    AUTH_MODE: 'jwt',
    AUTH_JWKS_URL: identity.jwksUrl,
    AUTH_ISSUER: identity.issuer,
    AUTH_AUDIENCE: identity.audience,
    AUTH_ALGORITHMS: identity.algorithm,
  };
}

/** bud-metrics with a clock that stands at this moment. */
export const startNow = (
  prometheus: string,
  environment: Record<string, string> = {},
  log?: (line: string) => void,
) =>
  startService({
    prometheus,
    now: Math.floor(Date.now() / 1000),
    environment,
    ...(log && { log }),
  });
