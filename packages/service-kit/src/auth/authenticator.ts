import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import { systemClock, type Clock } from '@bud-monitoring/client';
import { ApiError } from '../http/errors/api-error.js';
import type { Logger } from '../log/logger.js';
import type { AuthConfig, AuthJwt } from './auth-config.js';
import type { Caller } from './caller.js';
import { callerFromClaims } from './claims.js';
import { isSidecarDelivery, trustedApp } from './sidecar-trust.js';
import { clockToleranceSeconds, createTokenVerifier, jwksMaxAgeMs } from './token-verifier.js';

/** Decides who is calling; the only place in both services that does. */
export interface Authenticator {
  /** Throws `ApiError` 401 (no token or a bad one) or 503 (the key set is unavailable). */
  authenticate(request: WithHeaders): Promise<Caller>;
  /** Whether the sidecar itself delivers this (event, cron tick): its token, and no caller. */
  isDelivery(request: WithHeaders): boolean;
}

interface WithHeaders {
  readonly headers: IncomingHttpHeaders;
}

export interface AuthenticatorOptions {
  logger: Logger;
  clock?: Clock;
}

const everything = {
  permissions: new Set(['cluster:view', 'cluster:manage'] as const),
  clusters: 'all',
  namespaces: 'all',
  clusterNamespaces: new Map(),
  expiresAt: null,
} as const;

/** Most verified tokens in the cache; about 1 KB each. */
const rememberedTokens = 10_000;

/** The authenticator of a configuration; `AUTH_MODE=off` is warned of here, at every start. */
export function createAuthenticator(
  config: AuthConfig,
  { logger, clock = systemClock }: AuthenticatorOptions,
): Authenticator {
  const isDelivery = ({ headers }: WithHeaders) => isSidecarDelivery(headers, config);
  if (config.mode === 'off') {
    logger.warn('authentication is off: everybody may read and change every cluster');
    const anyone: Caller = { subject: 'anonymous', kind: 'anonymous-off', ...everything };
    return { authenticate: () => Promise.resolve(anyone), isDelivery };
  }
  const callerOf = rememberingVerifier(config, clock);
  return {
    isDelivery,
    authenticate: async ({ headers }) => {
      // A token decides alone: a trusted app that acts for a user has only the user's permissions.
      if (headers.authorization !== undefined) return callerOf(bearerToken(headers.authorization));
      const app = trustedApp(headers, config);
      if (app === undefined) throw ApiError.unauthorized('A bearer token is needed');
      return { subject: app, kind: 'app', ...everything };
    },
  };
}

function bearerToken(authorization: string): string {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined)
    throw ApiError.unauthorized('The Authorization header is no bearer token');
  return token;
}

interface Remembered {
  caller: Caller;
  /** Unix ms from which the token has to be verified again. */
  until: number;
}

/** Verifies a token once and caches its caller until it expires, at most for the lifetime of a key. */
function rememberingVerifier(
  config: AuthJwt,
  clock: Clock,
): (token: string) => Caller | Promise<Caller> {
  const verify = createTokenVerifier(config, clock);
  const remembered = new LRUCache<string, Remembered>({ max: rememberedTokens });
  const learn = async (token: string, key: string) => {
    const claims = await verify(token);
    const caller = callerFromClaims(claims, config.clientId);
    const expiresAt = ((claims.exp ?? 0) + clockToleranceSeconds) * 1000;
    remembered.set(key, { caller, until: Math.min(expiresAt, clock.now() + jwksMaxAgeMs) });
    return caller;
  };
  return (token) => {
    const key = hash('sha256', token, 'base64');
    const known = remembered.get(key);
    return known !== undefined && clock.now() < known.until ? known.caller : learn(token, key);
  };
}
