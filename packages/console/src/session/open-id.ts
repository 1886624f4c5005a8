import * as oauth from 'oauth4webapi';
import { RETURN_PATH, type ConsoleConfig } from './config';
import { CannotRenew } from './token-keeper';
import type { Tokens } from './tokens';

const KEY = 'bud-monitoring.sign-in';

/** What this tab must remember while the browser is at the issuer. */
interface Begun {
  state: string;
  nonce: string;
  verifier: string;
  /** Path and query to go on with. */
  returnTo: string;
}

/** Signing in by OpenID Connect: the code flow with PKCE, as a client without a secret. */
export interface OpenId {
  /** Where the issuer is, for somebody who wants to come back to `returnTo`. */
  begin: (returnTo: string) => Promise<URL>;
  /** Takes what the issuer sent back with the address `url`; once. */
  finish: (url: URL) => Promise<{ tokens: Tokens; returnTo: string }>;
  /** Throws `CannotRenew` where the issuer says no. */
  renew: (refresh: string) => Promise<Tokens>;
  /** Tells the issuer, where it takes that, that a refresh token is not used any more. */
  revoke: (refresh: string) => Promise<void>;
}

/** Asks the issuer how it is asked. Throws where it does not answer a page of this origin. */
export async function openOpenId(config: ConsoleConfig): Promise<OpenId> {
  if (!window.isSecureContext)
    throw new Error('Browsers sign in only on pages that came by HTTPS, or from this machine');
  const issuer = new URL(config.issuer);
  const client = { client_id: config.clientId };
  // On a machine of one's own; a browser refuses it on a page that came by HTTPS.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out, not to go
  const options = { [oauth.allowInsecureRequests]: issuer.protocol === 'http:' };
  const discovery = await oauth.discoveryRequest(issuer, options);
  const server = await oauth.processDiscoveryResponse(issuer, discovery);
  const redirectUri = `${location.origin}${RETURN_PATH}`;
  const auth = oauth.None();

  return {
    async begin(returnTo) {
      const verifier = oauth.generateRandomCodeVerifier();
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
      const begun: Begun = { state, nonce, verifier, returnTo };
      const address = new URL(server.authorization_endpoint ?? '', issuer);
      const parameters = {
        client_id: config.clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: config.scope,
        state,
        ...(isOpenId(config) && { nonce }),
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        // Some issuers make tokens for an API only where they are asked to; others pass over it.
        ...(config.audience !== '' && { audience: config.audience }),
      };
      for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
      sessionStorage.setItem(KEY, JSON.stringify(begun));
      return address;
    },

    async finish(url) {
      const text = sessionStorage.getItem(KEY);
      sessionStorage.removeItem(KEY);
      if (text === null)
        throw new Error('This tab did not begin to sign in, or has done so already');
      const { state, nonce, verifier, returnTo } = JSON.parse(text) as Begun;
      try {
        const answer = oauth.validateAuthResponse(server, client, url, state);
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          auth,
          answer,
          redirectUri,
          verifier,
          options,
        );
        const expected = isOpenId(config) ? { expectedNonce: nonce, requireIdToken: true } : {};
        const result = await oauth.processAuthorizationCodeResponse(
          server,
          client,
          response,
          expected,
        );
        return { tokens: tokensOf(result, null), returnTo };
      } catch (error) {
        throw new Error(explain(error), { cause: error });
      }
    },

    async renew(refresh) {
      const response = await oauth.refreshTokenGrantRequest(server, client, auth, refresh, options);
      try {
        const result = await oauth.processRefreshTokenResponse(server, client, response);
        return tokensOf(result, refresh);
      } catch (error) {
        if (error instanceof oauth.ResponseBodyError && error.status < 500)
          throw new CannotRenew(explain(error), { cause: error });
        throw error;
      }
    },

    async revoke(refresh) {
      if (server.revocation_endpoint === undefined) return;
      await oauth.revocationRequest(server, client, auth, refresh, options);
    },
  };
}

/** An issuer that does not replace the refresh token means that it goes on. */
function tokensOf(result: oauth.TokenEndpointResponse, refresh: string | null): Tokens {
  const since = Date.now();
  const { access_token: access, refresh_token: next, expires_in: seconds } = result;
  const endsAt = seconds === undefined ? null : since + seconds * 1000;
  return { access, refresh: next ?? refresh, since, endsAt };
}

/** Whether an ID token is asked for, which then has to be the one of this sign-in. */
function isOpenId({ scope }: ConsoleConfig): boolean {
  return scope.split(' ').includes('openid');
}

/** The issuer's own words where it has some. */
function explain(error: unknown): string {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError)
    return error.error_description ?? error.error;
  return error instanceof Error ? error.message : String(error);
}
