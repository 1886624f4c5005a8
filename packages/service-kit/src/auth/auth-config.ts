/** What the sidecar's headers are checked against, in every mode. */
interface SidecarTrust {
  /** Our own Dapr app id. */
  readonly appId: string;
  /** The token daprd sends to us (`APP_API_TOKEN`). */
  readonly appApiToken?: string | undefined;
  readonly trustedAppIds: readonly string[];
}

/** Everybody may do everything; a warning at every start says so. */
export interface AuthOff extends SidecarTrust {
  readonly mode: 'off';
}

/** Bearer tokens are checked against a remote key set. */
export interface AuthJwt extends SidecarTrust {
  readonly mode: 'jwt';
  readonly jwksUrl: string;
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  /** Whether tokens that their issuer marks as others than access tokens are refused. */
  readonly accessTokensOnly: boolean;
  /** Client whose `resource_access` roles count as permissions. */
  readonly clientId?: string | undefined;
}

export type AuthConfig = AuthOff | AuthJwt;
