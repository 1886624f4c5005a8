import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SignJWT } from 'jose';
import type { Clock } from '@bud-monitoring/client';
import { memoryLogger } from '../testing/app.js';
import {
  audience,
  issuer,
  signingKey,
  signToken,
  startKeyServer,
  type KeyServer,
  type SigningKey,
} from '../testing/keys.js';
import { ApiError } from '../http/errors/api-error.js';
import type { AuthJwt } from './auth-config.js';
import { createAuthenticator, type Authenticator } from './authenticator.js';
import type { Caller } from './caller.js';

let key: SigningKey;
let elliptic: SigningKey;
let stranger: SigningKey;
let server: KeyServer;

beforeAll(async () => {
  [key, elliptic, stranger] = await Promise.all([
    signingKey('key-1'),
    signingKey('key-2', 'ES256'),
    signingKey('key-1'),
  ]);
  server = await startKeyServer([key.publicJwk, elliptic.publicJwk]);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
afterEach(() => {
  jest.useRealTimers();
});

function jwtConfig(overrides: Partial<AuthJwt> = {}): AuthJwt {
  return {
    mode: 'jwt',
    appId: 'bud-metrics',
    appApiToken: 'from-the-sidecar',
    trustedAppIds: [],
    jwksUrl: server.url,
    issuers: [issuer],
    audiences: [audience],
    algorithms: ['RS256'],
    accessTokensOnly: true,
    clientId: 'bud-client',
    ...overrides,
  };
}

function authenticator(overrides: Partial<AuthJwt> = {}, clock?: Clock): Authenticator {
  const { logger } = memoryLogger();
  return createAuthenticator(jwtConfig(overrides), { logger, ...(clock && { clock }) });
}

function show(auth: Authenticator, token: string): Promise<Caller> {
  return auth.authenticate({ headers: { authorization: `Bearer ${token}` } });
}

async function refusal(attempt: Promise<Caller>): Promise<ApiError> {
  const outcome = await attempt.catch((error: unknown) => error);
  if (outcome instanceof ApiError) return outcome;
  throw new Error('it was not refused', { cause: outcome });
}

const now = () => Math.floor(Date.now() / 1000);

describe('a bearer token', () => {
  it('names the caller and what it may', async () => {
    const caller = await show(authenticator(), await signToken(key));

    expect(caller).toEqual({
      subject: 'user-1',
      kind: 'user',
      permissions: new Set(['cluster:view']),
      clusters: 'all',
      namespaces: 'all',
      clusterNamespaces: new Map(),
      expiresAt: expect.any(Number),
    });
  });

  it.each([
    ['of another issuer', { iss: 'https://login.test/realms/other' }],
    ['without issuer', { iss: undefined }],
    ['for another audience', { aud: 'account' }],
    ['without audience', { aud: undefined }],
    ['that has expired', { exp: now() - 60 }],
    ['without expiry', { exp: undefined }],
    ['whose expiry is a text', { exp: 'tomorrow' }],
    ['that is not valid yet', { nbf: now() + 60 }],
    ['without subject', { sub: undefined }],
    ['with an empty subject', { sub: '' }],
    ['with a subject that is no text', { sub: 7 }],
    ['with clusters as a text', { clusters: 'all' }],
    ['with clusters null', { clusters: null }],
    ['with clusters as an object', { clusters: {} }],
    ['with a cluster that is no text', { clusters: ['a', 1] }],
    ['with namespaces as a text', { namespaces: 'default' }],
    ['with namespaces false', { namespaces: false }],
  ])('%s is refused with 401', async (_what, claims) => {
    const error = await refusal(show(authenticator(), await signToken(key, claims)));

    expect(error.status).toBe(401);
    expect(error.headers['WWW-Authenticate']).toBe('Bearer error="invalid_token"');
  });

  it('is refused when another key with the same id signed it', async () => {
    const error = await refusal(show(authenticator(), await signToken(stranger)));

    expect(error).toMatchObject({ status: 401, message: expect.stringContaining('signature') });
  });

  it('is refused when no key has its id', async () => {
    const token = await signToken(stranger, {}, { kid: 'key-9' });

    expect(await refusal(show(authenticator(), token))).toMatchObject({ status: 401 });
  });

  it('is refused when signed by an algorithm that is not allowed', async () => {
    const token = await signToken(elliptic);

    expect(await refusal(show(authenticator(), token))).toMatchObject({ status: 401 });
    expect(await show(authenticator({ algorithms: ['RS256', 'ES256'] }), token)).toMatchObject({
      subject: 'user-1',
    });
  });

  it('is refused when it is not signed at all', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: issuer, aud: audience, sub: 'user-1', exp: now() + 300 };
    const unsigned = `${part({ alg: 'none' })}.${part(claims)}.`;

    expect(await refusal(show(authenticator(), unsigned))).toMatchObject({ status: 401 });
  });

  it('is refused when the public key was used as a shared secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(key.publicJwk));
    const token = await new SignJWT({ iss: issuer, aud: audience, sub: 'user-1', exp: now() + 300 })
      .setProtectedHeader({ alg: 'HS256', kid: key.kid })
      .sign(secret);

    expect(await refusal(show(authenticator(), token))).toMatchObject({ status: 401 });
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['a scheme without token', 'Bearer'],
    ['two tokens', 'Bearer a.b.c d.e.f'],
    ['no JWT', 'Bearer hello'],
  ])('is missed when there is %s', async (_what, authorization) => {
    const error = await refusal(
      authenticator().authenticate({
        headers: { ...(authorization !== undefined && { authorization }) },
      }),
    );

    expect(error.status).toBe(401);
    expect(error.headers['WWW-Authenticate']).toMatch(/^Bearer/);
    expect(error.message).not.toContain('dXNlcjpwYXNz');
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['an ID token of Keycloak', { typ: 'ID' }, {}],
    ['a refresh token of Keycloak', { typ: 'Refresh' }, {}],
    ['an ID token of Cognito', { token_use: 'id' }, {}],
    ['an ID token of OpenID Connect', { at_hash: 'x' }, {}],
    ['a logout token', {}, { typ: 'logout+jwt' }],
  ])(
    'is refused where it is marked as %s, unless that is allowed',
    async (_what, claims, header) => {
      const token = await signToken(key, claims, header);
      await expect(show(authenticator(), token)).rejects.toMatchObject({ status: 401 });
      const caller = await show(authenticator({ accessTokensOnly: false }), token);
      expect(caller.subject).toBe('user-1');
    },
  );

  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ typ: 'Bearer' }, { typ: 'JWT' }],
    [{ token_use: 'access' }, { typ: 'at+jwt' }],
    [{}, { typ: 'application/at+jwt' }],
  ])('is taken where it is marked as one for access: %j %j', async (claims, header) => {
    await expect(
      show(authenticator(), await signToken(key, claims, header)),
    ).resolves.toBeDefined();
  });

  it('may have any of several issuers and audiences', async () => {
    const auth = authenticator({
      issuers: [issuer, 'https://second.test'],
      audiences: ['x', audience],
    });

    const caller = await show(auth, await signToken(key, { iss: 'https://second.test' }));

    expect(caller.subject).toBe('user-1');
  });

  it('may have expired a moment ago, since clocks differ', async () => {
    const token = await signToken(key, { exp: now() - 2 });

    expect(await show(authenticator(), token)).toMatchObject({ subject: 'user-1' });
  });
});

describe('the key set', () => {
  it.each([
    ['answers 500', { status: 500, body: 'x' }],
    ['answers no JSON', { status: 200, body: '<html>' }],
    ['answers no key set', { status: 200, body: '{}' }],
  ])('that %s makes 503, not 401', async (_what, broken) => {
    await using keys = await startKeyServer([key.publicJwk]);
    keys.broken = broken;

    const error = await refusal(show(authenticator({ jwksUrl: keys.url }), await signToken(key)));

    expect(error).toMatchObject({ status: 503, retryAfterSeconds: 5 });
    expect(error.message).not.toContain('127.0.0.1');
  });

  it('that cannot be reached makes 503, and the same token passes once it can', async () => {
    const keys = await startKeyServer([key.publicJwk]);
    await keys[Symbol.asyncDispose]();
    const token = await signToken(key);
    expect(await refusal(show(authenticator({ jwksUrl: keys.url }), token))).toMatchObject({
      status: 503,
    });

    await using mended = await startKeyServer([key.publicJwk]);
    mended.broken = { status: 503, body: '' };
    const auth = authenticator({ jwksUrl: mended.url });
    expect(await refusal(show(auth, token))).toMatchObject({ status: 503 });
    mended.broken = null;

    expect(await show(auth, token)).toMatchObject({ subject: 'user-1' });
  });

  it('may hold several keys for a token that names none', async () => {
    const [other, third] = [await signingKey('other'), await signingKey('third')];
    await using keys = await startKeyServer([other.publicJwk, key.publicJwk]);
    const auth = authenticator({ jwksUrl: keys.url });
    const unnamed = { kid: undefined };

    expect(await show(auth, await signToken(key, {}, unnamed))).toMatchObject({
      subject: 'user-1',
    });
    const expired = await refusal(show(auth, await signToken(key, { exp: now() - 60 }, unnamed)));
    expect(expired).toMatchObject({ status: 401, message: expect.stringContaining('expired') });
    const foreign = await refusal(show(auth, await signToken(third, {}, unnamed)));
    expect(foreign).toMatchObject({ status: 401, message: expect.stringContaining('signature') });
  });

  it('is fetched once for many tokens', async () => {
    await using keys = await startKeyServer([key.publicJwk]);
    const auth = authenticator({ jwksUrl: keys.url });
    const tokens = await Promise.all(['a', 'b', 'c'].map((sub) => signToken(key, { sub })));

    await Promise.all(tokens.map((token) => show(auth, token)));
    await Promise.all(tokens.map((token) => show(auth, token)));

    expect(keys.requests).toBe(1);
  });
});

describe('a remembered token', () => {
  it('does not need the key set again, and stops counting when it expires', async () => {
    await using keys = await startKeyServer([key.publicJwk]);
    const time = { now: Date.now() };
    const auth = authenticator({ jwksUrl: keys.url }, { now: () => time.now });
    const token = await signToken(key, { exp: Math.floor(time.now / 1000) + 60 });
    await show(auth, token);
    keys.broken = { status: 500, body: '' };

    time.now += 59_000;
    expect(await show(auth, token)).toMatchObject({ subject: 'user-1' });
    time.now += 7000;

    expect(await refusal(show(auth, token))).toMatchObject({
      status: 401,
      message: expect.stringContaining('expired'),
    });
  });

  it('is never one that was refused', async () => {
    const auth = authenticator();
    const token = await signToken(stranger);

    await refusal(show(auth, token));

    expect(await refusal(show(auth, token))).toMatchObject({ status: 401 });
  });

  it('is verified again after ten minutes, so that a withdrawn key stops counting', async () => {
    await using keys = await startKeyServer([key.publicJwk]);
    const auth = authenticator({ jwksUrl: keys.url });
    const token = await signToken(key, { exp: now() + 86_400 });
    await show(auth, token);
    keys.keys = [elliptic.publicJwk];
    const start = Date.now();
    // The key set has a clock of its own, so the date itself is moved, and no timer.
    const doNotFake = ['nextTick', 'setImmediate', 'setTimeout', 'setInterval'] as const;
    jest.useFakeTimers({ now: start + 599_000, doNotFake: [...doNotFake, 'queueMicrotask'] });

    expect(await show(auth, token)).toMatchObject({ subject: 'user-1' });
    jest.setSystemTime(start + 601_000);

    expect(await refusal(show(auth, token))).toMatchObject({ status: 401 });
  });
});

it('never takes two callers for one, whatever the list of trusted apps holds', async () => {
  const headers = {
    'dapr-caller-app-id': 'bud-billing, bud-gateway',
    'dapr-callee-app-id': 'bud-metrics',
    'dapr-api-token': 'from-the-sidecar',
  };
  const auth = authenticator({ trustedAppIds: ['bud-billing, bud-gateway'] });

  expect(await refusal(auth.authenticate({ headers }))).toMatchObject({ status: 401 });
});

describe('AUTH_MODE=off', () => {
  it('lets everybody do everything and warns of it', async () => {
    const { logger, lines } = memoryLogger();
    const auth = createAuthenticator({ mode: 'off', appId: 'x', trustedAppIds: [] }, { logger });

    const caller = await auth.authenticate({ headers: { authorization: 'Bearer nonsense' } });

    expect(caller).toEqual({
      subject: 'anonymous',
      kind: 'anonymous-off',
      permissions: new Set(['cluster:view', 'cluster:manage']),
      clusters: 'all',
      namespaces: 'all',
      clusterNamespaces: new Map(),
      expiresAt: null,
    });
    expect(lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('off') }]);
  });
});
