import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '@bud-monitoring/client';
import type { Logger } from '../log/logger.js';
import type { AuthConfig } from './auth-config.js';
import type { Caller } from './caller.js';

/** Decides who is calling; the one place of both services that does. */
export interface Authenticator {
  /** Throws `ApiError` 401 (no token or a bad one) or 503 (the key set cannot be had). */
  authenticate(request: { readonly headers: IncomingHttpHeaders }): Promise<Caller>;
  /** Whether the sidecar itself delivers this (event, cron tick): its token, and no caller. */
  isDelivery(request: { readonly headers: IncomingHttpHeaders }): boolean;
}

export interface AuthenticatorOptions {
  logger: Logger;
  clock?: Clock;
}

export function createAuthenticator(
  _config: AuthConfig,
  _options: AuthenticatorOptions,
): Authenticator {
  throw new Error('not written yet');
}
