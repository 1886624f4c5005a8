import type { JWTHeaderParameters, JWTPayload } from 'jose';

/** `typ` of a header that says nothing, or that it is an access token (RFC 9068). */
const plainHeaders = new Set(['jwt', 'at+jwt', 'application/at+jwt']);
/** `typ` of a payload with which Keycloak marks access tokens. */
const accessTypes = new Set(['bearer', 'dpop', 'jwt', 'at+jwt']);

/**
 * Why a token is none for access, where its issuer marks it: by `typ` of the header (RFC 9068), by `typ` of the
 * payload (Keycloak: `ID`, `Refresh`, `Offline`, …), by `token_use` (Cognito), or by `at_hash`, which only ID
 * tokens have (OpenID Connect). undefined where nothing says so.
 */
export function otherTokenKind(
  { typ: header }: Pick<JWTHeaderParameters, 'typ'>,
  payload: JWTPayload,
): string | undefined {
  if (typeof header === 'string' && !plainHeaders.has(header.toLowerCase())) return header;
  const { typ, token_use: use } = payload;
  if (typeof typ === 'string' && !accessTypes.has(typ.toLowerCase())) return typ;
  if (typeof use === 'string' && use.toLowerCase() !== 'access') return use;
  return 'at_hash' in payload ? 'ID' : undefined;
}
