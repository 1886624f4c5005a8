import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Permission } from '@bud-monitoring/contracts';

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
  mintToken(claims: TokenClaims): Promise<string>;
  stop(): Promise<void>;
}

/** Makes a key pair and serves its public half as a JWKS on 127.0.0.1. */
export async function startIdentity(port: number): Promise<Identity> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM);
  const key = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: ALGORITHM, use: 'sig' };
  const server = await serve(port, JSON.stringify({ keys: [key] }));
  const issuer = `http://127.0.0.1:${port}`;
  const audience = 'bud-monitoring';

  return {
    jwksUrl: `${issuer}/jwks.json`,
    issuer,
    audience,
    algorithm: ALGORITHM,
    mintToken(claims) {
      const { permissions, clusters, namespaces, extra } = claims;
      return new SignJWT({
        permissions,
        ...(clusters && { clusters }),
        ...(namespaces && { namespaces }),
        ...extra,
      })
        .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID })
        .setSubject(claims.subject ?? 'developer')
        .setIssuer(claims.issuer ?? issuer)
        .setAudience(claims.audience ?? audience)
        .setIssuedAt()
        .setExpirationTime(claims.expiresIn ?? DEFAULT_LIFETIME)
        .sign(privateKey);
    },
    stop: () => close(server),
  };
}

function serve(port: number, body: string): Promise<Server> {
  const server = createServer((request, response) => {
    const found = request.url === '/jwks.json';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? body : '{}');
  });
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
