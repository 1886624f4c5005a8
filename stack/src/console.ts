import type { Identity } from './identity/identity.js';
import { CONSOLE } from './paths.js';
import type { Env } from './programs/env.js';
import type { ConsoleOptions } from './servers/gateway.js';

/** The console of a stack whose own identity signs its users in, with the dashboards of its Grafana. */
export function consoleOfStack(
  { issuer, audience, signIn: { clientId, scope } }: Identity,
  grafana: Readonly<Record<string, string>>,
): ConsoleOptions {
  const { GRAFANA_SCHEME: scheme = 'http', GRAFANA_URL: address } = grafana;
  return {
    directory: CONSOLE,
    issuer,
    clientId,
    scope,
    issuerOrigins: '',
    audience,
    grafanaUrl: grafana['GRAFANA_PUBLIC_URL'] ?? (address ? `${scheme}://${address}` : ''),
  };
}

/**
 * What the environment says of the console: CONSOLE=off, and with an issuer of one's own (AUTH_ISSUER)
 * CONSOLE_CLIENT_ID, CONSOLE_SCOPE and CONSOLE_ISSUER_ORIGINS. False for none.
 */
export function consoleSettings(env: Env): Partial<ConsoleOptions> | false {
  const { CONSOLE: wanted = 'on', AUTH_ISSUER: issuer, GRAFANA_PUBLIC_URL: grafanaUrl } = env;
  if (wanted !== 'on' && wanted !== 'off')
    throw new Error(`CONSOLE is "${wanted}"; it must be on or off`);
  if (wanted === 'off') return false;
  const ofIssuer = {
    issuer: issuer ?? '',
    clientId: env['CONSOLE_CLIENT_ID'] ?? '',
    scope: env['CONSOLE_SCOPE'] ?? 'openid',
    issuerOrigins: env['CONSOLE_ISSUER_ORIGINS'] ?? '',
    audience: env['AUTH_AUDIENCE'] ?? '',
  };
  return {
    ...((issuer !== undefined || env['AUTH_MODE'] === 'off') && ofIssuer),
    ...(grafanaUrl !== undefined && { grafanaUrl }),
  };
}
