import { createHash, randomUUID } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type { JWTPayload } from 'jose';
import type { Permission } from '@bud-monitoring/contracts';
import { signInPage } from './sign-in-page.js';
import type { SignIn } from './sign-in.js';

/** Who may be signed in, by the name on the page. */
const people = {
  manager: ['cluster:manage'],
  viewer: ['cluster:view'],
} as const satisfies Record<string, readonly Permission[]>;
type Person = keyof typeof people;

const isPerson = (name: unknown): name is Person =>
  typeof name === 'string' && Object.hasOwn(people, name);

/** Where an answer may be sent: a page of this machine (RFC 8252, section 7.3). */
const redirectUri = /^http:\/\/(127\.0\.0\.1|localhost):\d+\/signed-in$/;

export interface AuthorizationServerOptions {
  issuer: string;
  algorithm: string;
  /** Of access tokens. */
  audience: string;
  signIn: SignIn;
  sign(
    claims: JWTPayload,
    subject: string,
    audience: string,
    expiresAt: string | number,
  ): Promise<string>;
}

interface Grant {
  person: Person;
  redirectUri: string;
  challenge: string;
  nonce: string | undefined;
}

/**
 * OpenID Connect's code flow with PKCE, as a small real server: one public client, a code and a refresh token
 * once each, no sessions. What is wrong before the redirect is known to be right is a 400.
 */
export function authorizationServer(options: AuthorizationServerOptions): Router {
  const { issuer, signIn } = options;
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();

  const tokensOf = async (grant: Grant) => {
    const { person, nonce } = grant;
    const { clientId, tokenSeconds, refreshes, audience = options.audience } = signIn;
    const expiresAt = Math.floor(Date.now() / 1000) + tokenSeconds;
    const permissions = people[person];
    const refreshToken = randomUUID();
    if (refreshes) refreshTokens.set(refreshToken, grant);
    return {
      access_token: await options.sign({ permissions }, person, audience, expiresAt),
      id_token: await options.sign(nonce ? { nonce } : {}, person, clientId, expiresAt),
      token_type: 'Bearer',
      expires_in: tokenSeconds,
      ...(refreshes && { refresh_token: refreshToken }),
    };
  };

  const router = express.Router();
  router.use(['/.well-known', '/token'], allowPages);
  router.get('/.well-known/openid-configuration', (_request, response) => {
    response.json({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks.json`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [options.algorithm],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
    });
  });

  router.get('/authorize', ({ query }, response) => {
    const fault = faultOf(query, signIn);
    if (fault === null) sendPage(response, 200, signInPage(Object.keys(people)));
    else response.status(400).type('text').send(fault);
  });
  router.post('/authorize', express.urlencoded({ extended: false }), (request, response) => {
    const { query } = request;
    const fault = faultOf(query, signIn);
    const { person, password } = request.body as Record<string, unknown>;
    if (fault !== null || !isPerson(person)) {
      response
        .status(400)
        .type('text')
        .send(fault ?? 'nobody of that name');
    } else if (password !== signIn.password) {
      sendPage(response, 403, signInPage(Object.keys(people), 'That is not the password.'));
    } else {
      const [code, uri] = [randomUUID(), text(query, 'redirect_uri')];
      const challenge = text(query, 'code_challenge');
      codes.set(code, { person, redirectUri: uri, challenge, nonce: text(query, 'nonce') });
      const answer = new URLSearchParams({ code, state: text(query, 'state'), iss: issuer });
      response.redirect(303, `${uri}?${answer.toString()}`);
    }
  });

  router.post('/token', express.urlencoded({ extended: false }), async (request, response) => {
    const grant = takeGrant(request.body as Record<string, unknown>, signIn, codes, refreshTokens);
    response.set('cache-control', 'no-store');
    if (grant) response.json(await tokensOf(grant));
    else response.status(400).json({ error: 'invalid_grant' });
  });
  return router;
}

/** The grant that a request for tokens has a right to, which is used up by it. */
function takeGrant(
  body: Record<string, unknown>,
  { clientId, refreshes }: SignIn,
  codes: Map<string, Grant>,
  refreshTokens: Map<string, Grant>,
): Grant | undefined {
  if (body['client_id'] !== clientId) return undefined;
  const isRefresh = body['grant_type'] === 'refresh_token';
  const [grants, key] = isRefresh
    ? [refreshTokens, text(body, 'refresh_token')]
    : [codes, text(body, 'code')];
  const grant = grants.get(key);
  grants.delete(key);
  if (isRefresh) return refreshes ? grant : undefined;
  const challenge = createHash('sha256').update(text(body, 'code_verifier')).digest('base64url');
  const isOwn = grant?.challenge === challenge && grant.redirectUri === body['redirect_uri'];
  return isOwn ? grant : undefined;
}

/** What is wrong with a request to sign in; null for nothing. */
function faultOf(query: Request['query'], { clientId }: SignIn): string | null {
  if (query['client_id'] !== clientId) return 'client_id is not known';
  if (!redirectUri.test(text(query, 'redirect_uri'))) return 'redirect_uri is not allowed';
  if (query['response_type'] !== 'code') return 'response_type must be code';
  if (query['code_challenge_method'] !== 'S256') return 'code_challenge_method must be S256';
  return text(query, 'code_challenge') === '' ? 'code_challenge is missing' : null;
}

function text(values: Readonly<Record<string, unknown>>, name: string): string {
  const value = values[name];
  return typeof value === 'string' ? value : '';
}

/** The console is of another origin. */
function allowPages(_request: Request, response: Response, next: () => void): void {
  response.set('access-control-allow-origin', '*');
  next();
}

function sendPage(response: Response, status: number, page: string): void {
  response.set({ 'cache-control': 'no-store', 'x-frame-options': 'DENY' });
  response.status(status).type('html').send(page);
}
