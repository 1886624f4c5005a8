import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { close, listen } from './app.js';

export const issuer = 'https://login.test/realms/bud';
export const audience = 'bud-monitoring';

export interface SigningKey {
  kid: string;
  algorithm: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

export async function signingKey(kid: string, algorithm = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    kid,
    algorithm,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
  };
}

/** A token of that key; `claims` win over what a right token would have, undefined leaves one out. */
export async function signToken(
  key: SigningKey,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const payload: Record<string, unknown> = {
    iss: issuer,
    aud: audience,
    sub: 'user-1',
    iat: now,
    exp: now + 300,
    permissions: ['cluster:view'],
    ...claims,
  };
  const present = Object.entries(payload).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(present))
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...header })
    .sign(key.privateKey);
}

export interface KeyServer extends AsyncDisposable {
  url: string;
  /** What it serves; change it to rotate. */
  keys: JWK[];
  /** Answer with this status and no key set. */
  broken: { status: number; body: string } | null;
  requests: number;
}

/** A key set served over HTTP, which can break and counts its requests. */
export async function startKeyServer(keys: JWK[]): Promise<KeyServer> {
  const state = { keys, broken: null, requests: 0 } as Pick<
    KeyServer,
    'keys' | 'broken' | 'requests'
  >;
  const server = createServer((_request, response) => {
    state.requests += 1;
    response.writeHead(state.broken?.status ?? 200, { 'content-type': 'application/json' });
    response.end(state.broken?.body ?? JSON.stringify({ keys: state.keys }));
  });
  const url = `${await listen(server)}/certs`;
  return Object.assign(state, { url, [Symbol.asyncDispose]: () => close(server) });
}
