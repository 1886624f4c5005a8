import {
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose';
import type { Clock } from '@bud-monitoring/client';
import { ApiError } from '../http/errors/api-error.js';
import type { AuthJwt } from './auth-config.js';
import { invalidToken } from './invalid-token.js';
import { otherTokenKind } from './token-kind.js';

/** Allowed clock skew (s). */
export const clockToleranceSeconds = 5;

const jwksTimeoutMs = 5000;
/** An unknown key id makes us fetch the set again, but not more often than this. */
const jwksCooldownMs = 30_000;
/** A key removed from the set is not accepted any more after this. */
export const jwksMaxAgeMs = 600_000;

/** Checks signature, issuer, audience, algorithm and time of a token; throws 401 or 503. */
export type TokenVerifier = (token: string) => Promise<JWTPayload>;

/** A verifier against the remote key set of the configuration. */
export function createTokenVerifier(config: AuthJwt, clock: Clock): TokenVerifier {
  const keys = reachableKeys(
    createRemoteJWKSet(new URL(config.jwksUrl), {
      timeoutDuration: jwksTimeoutMs,
      cooldownDuration: jwksCooldownMs,
      cacheMaxAge: jwksMaxAgeMs,
    }),
  );
  return async (token) => {
    try {
      const { payload, protectedHeader } = await verified(token, keys, {
        algorithms: [...config.algorithms],
        issuer: [...config.issuers],
        audience: [...config.audiences],
        requiredClaims: ['exp', 'sub'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(clock.now()),
      });
      const kind = config.accessTokensOnly ? otherTokenKind(protectedHeader, payload) : undefined;
      if (kind !== undefined) throw invalidToken(`it is no access token but of type ${kind}`);
      return payload;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (error instanceof errors.JWTExpired) throw invalidToken('it has expired');
      throw invalidToken(error instanceof errors.JOSEError ? error.message : 'it cannot be read');
    }
  };
}

/** A token that names no key may be by any of the set's, of which there are several while they are replaced. */
async function verified(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let refusal: unknown = error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (reason) {
        if (!(reason instanceof errors.JWSSignatureVerificationFailed)) throw reason;
        refusal = reason;
      }
    }
    throw refusal;
  }
}

/** An unavailable key set is our failure (503), an unknown key the caller's (401). */
function reachableKeys(remote: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported
      ) {
        throw error;
      }
      throw ApiError.unavailable(
        'The key set that tokens are checked with cannot be had',
        5,
        error,
      );
    }
  };
}
