import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AuthConfig } from './auth-config.js';

/**
 * The app that calls through Dapr, if it is one we trust. daprd passes a client's own caller header
 * on before the genuine one, so two values (joined by a comma) mean a forgery; the token proves the
 * sidecar, and the callee that the call was an invocation of this service.
 */
export function trustedApp(headers: IncomingHttpHeaders, config: AuthConfig): string | undefined {
  const caller = headers['dapr-caller-app-id'];
  if (typeof caller !== 'string' || caller.includes(',')) return undefined;
  if (headers['dapr-callee-app-id'] !== config.appId) return undefined;
  if (!hasSidecarToken(headers, config)) return undefined;
  return config.trustedAppIds.includes(caller) ? caller : undefined;
}

/**
 * Whether this is a genuine delivery of an event or a cron tick: the sidecar's token and no caller.
 * An invocation of such a route carries the token too, but also who called. Without a token in the
 * configuration (possible only with AUTH_MODE=off) the caller header alone decides.
 */
export function isSidecarDelivery(headers: IncomingHttpHeaders, config: AuthConfig): boolean {
  if (headers['dapr-caller-app-id'] !== undefined) return false;
  const unguarded = config.mode === 'off' && config.appApiToken === undefined;
  return unguarded || hasSidecarToken(headers, config);
}

function hasSidecarToken(headers: IncomingHttpHeaders, { appApiToken }: AuthConfig): boolean {
  const given = headers['dapr-api-token'];
  if (typeof given !== 'string' || appApiToken === undefined) return false;
  // Digests have equal length, so that the comparison does not reveal that of the token.
  return timingSafeEqual(digest(given), digest(appApiToken));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
