import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import express from 'express';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import type { Permission } from '@bud-monitoring/contracts';
import { authorizationServer } from './authorization-server.js';
import type { SignIn } from './sign-in.js';

const ALGORITHM = 'ES256';
const KEY_ID = 'development';
const DEFAULT_LIFETIME = '12h';

/** What a development token says. */
export interface TokenClaims {
  permissions: readonly Permission[];
  /** `sub`; `developer` unless told. */
  subject?: string;
  /** Cluster ids the token is limited to; absent: all. */
  clusters?: readonly string[];
  namespaces?: readonly string[];
  /** As jose takes it: `12h`, `-1h`, or Unix seconds. */
  expiresIn?: string | number;
  issuer?: string;
  audience?: string;
  /** Further claims, or wrong types of the ones above. */
  extra?: Readonly<Record<string, unknown>>;
}

/** An issuer of tokens for this stack alone: its key is made at the start and never written down. */
export interface Identity {
  jwksUrl: string;
  issuer: string;
  audience: string;
  algorithm: string;
  signIn: SignIn;
  mintToken(claims: TokenClaims): Promise<string>;
  stop(): Promise<void>;
}

/** Makes a key pair, serves its public half as a JWKS on 127.0.0.1, and signs people in there. */
export async function startIdentity(port: number): Promise<Identity> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
  const key = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: ALGORITHM, use: 'sig' };
  const issuer = `http://127.0.0.1:${port}`;
  const audience = 'bud-monitoring';
  const signIn: SignIn = {
    clientId: 'bud-console',
    scope: 'openid',
    password: randomBytes(6).toString('hex'),
    tokenSeconds: 900,
    refreshes: true,
  };
  const sign = (claims: JWTPayload, subject: string, forWhom: string, expires: string | number) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID })
      .setSubject(subject)
      .setIssuer(claims.iss ?? issuer)
      .setAudience(forWhom)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(privateKey);

  const app = express();
  app.disable('x-powered-by');
  app.get('/jwks.json', (_request, response) => void response.json({ keys: [key] }));
  app.use(authorizationServer({ issuer, algorithm: ALGORITHM, signIn, sign, audience }));
  const server = await listen(createServer(app), port);

  return {
    jwksUrl: `${issuer}/jwks.json`,
    issuer,
    audience,
    algorithm: ALGORITHM,
    signIn,
    mintToken({ permissions, clusters, namespaces, extra, ...claims }) {
      const own = {
        permissions,
        ...(clusters && { clusters }),
        ...(namespaces && { namespaces }),
        ...(claims.issuer !== undefined && { iss: claims.issuer }),
        ...extra,
      };
      const { subject = 'developer', expiresIn = DEFAULT_LIFETIME } = claims;
      return sign(own, subject, claims.audience ?? audience, expiresIn);
    },
    stop: () => close(server),
  };
}

function listen(server: Server, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
