import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Identity } from './identity.js';
import { useIdentity } from './testing/use-identity.js';

const redirectUri = 'http://127.0.0.1:8080/signed-in';
const verifier = randomBytes(32).toString('base64url');
let identity: Identity;

useIdentity((started) => {
  identity = started;
});

function authorizeUrl(changes: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: 'bud-console',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    state: 's',
    nonce: 'n',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  });
  return `${identity.issuer}/authorize?${query.toString()}`;
}

const post = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

/** What the browser is sent back with. */
async function signIn(person = 'manager'): Promise<URLSearchParams> {
  const { password } = identity.signIn;
  const answer = await post(authorizeUrl(), { person, password });
  const address = new URL(answer.headers.get('location') ?? '');
  expect(`${address.origin}${address.pathname}`).toBe(redirectUri);
  return address.searchParams;
}

async function take(fields: Record<string, string>) {
  const client = { client_id: 'bud-console', redirect_uri: redirectUri };
  const answer = await post(`${identity.issuer}/token`, { ...client, ...fields });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  const body = (await answer.json()) as Record<string, string>;
  return { status: answer.status, body };
}
const byCode = (code: string, code_verifier = verifier) =>
  take({ grant_type: 'authorization_code', code, code_verifier });
const byRefresh = (refresh_token: string) => take({ grant_type: 'refresh_token', refresh_token });

describe('signing in at the development issuer', () => {
  it.each([
    ['manager', 'cluster:manage'],
    ['viewer', 'cluster:view'],
  ])('gives a %s tokens that say %s', async (person, permission) => {
    const answer = await signIn(person);
    expect(Object.fromEntries(answer)).toMatchObject({ state: 's', iss: identity.issuer });
    const { status, body } = await byCode(answer.get('code') ?? '');
    expect(status).toBe(200);
    const { issuer, audience } = identity;
    const keys = createRemoteJWKSet(new URL(identity.jwksUrl));
    const { payload } = await jwtVerify(body['access_token'] ?? '', keys, { issuer, audience });
    expect(payload).toMatchObject({ sub: person, permissions: [permission] });
    expect(decodeJwt(body['id_token'] ?? '')).toMatchObject({
      iss: issuer,
      aud: 'bud-console',
      nonce: 'n',
    });
  });

  it('asks for the password, on a page that nobody may frame', async () => {
    const page = await fetch(authorizeUrl());
    expect(page.status).toBe(200);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(await page.text()).toContain('name="password"');
    const refused = await post(authorizeUrl(), { person: 'manager', password: 'guessed' });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('location')).toBeNull();
  });

  it.each([
    { client_id: 'other' },
    { redirect_uri: 'https://evil.example/signed-in' },
    { redirect_uri: 'http://127.0.0.1:8080@evil.example/signed-in' },
    { redirect_uri: 'http://127.0.0.1:8080/other' },
    { response_type: 'token' },
    { code_challenge: '' },
    { code_challenge_method: 'plain' },
  ])('refuses %j without sending anybody anywhere', async (change) => {
    const { password } = identity.signIn;
    expect((await fetch(authorizeUrl(change))).status).toBe(400);
    const answer = await post(authorizeUrl(change), { person: 'manager', password });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  it('takes a code once, and only from who began', async () => {
    const refused = { status: 400, body: { error: 'invalid_grant' } };
    const stolen = (await signIn()).get('code') ?? '';
    expect(await byCode(stolen, 'another verifier')).toEqual(refused);
    expect(await byCode(stolen)).toEqual(refused);
    const code = (await signIn()).get('code') ?? '';
    expect((await byCode(code)).status).toBe(200);
    expect(await byCode(code)).toEqual(refused);
  });

  it('replaces a refresh token with each use, and gives none where it is told to', async () => {
    const first = (await byCode((await signIn('viewer')).get('code') ?? '')).body;
    const second = await byRefresh(first['refresh_token'] ?? '');
    expect(decodeJwt(second.body['access_token'] ?? '').sub).toBe('viewer');
    expect((await byRefresh(first['refresh_token'] ?? '')).status).toBe(400);
    identity.signIn.refreshes = false;
    expect((await byRefresh(second.body['refresh_token'] ?? '')).status).toBe(400);
    const { body } = await byCode((await signIn()).get('code') ?? '');
    expect(body).not.toHaveProperty('refresh_token');
  });
});
