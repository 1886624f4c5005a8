/** How a page signs somebody in: OpenID Connect's code flow, for clients on the loopback address. */
export interface SignIn {
  clientId: string;
  scope: string;
  /** Asked for on the page that signs in; another one each time. */
  password: string;
  /** Seconds that an access token lasts; a test may change it, as it may what follows. */
  tokenSeconds: number;
  /** Whether refresh tokens are given, and taken. */
  refreshes: boolean;
  /** Audience of access tokens, instead of the stack's. */
  audience?: string;
}
