import { UpstreamError, type Upstream, type UpstreamErrorCode } from '../errors.js';

/** Error code of a response above the size limit, compressed or decompressed. */
export const responseTooLargeCode = 'ERR_BUFFER_TOO_LARGE';

/** Error codes that say more than `unreachable`. */
const codeByNetworkCode: Partial<Record<string, UpstreamErrorCode>> = {
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'bad_answer',
  [responseTooLargeCode]: 'bad_answer',
  Z_DATA_ERROR: 'bad_answer',
  Z_BUF_ERROR: 'bad_answer',
};

const detailByNetworkCode: Partial<Record<string, string>> = {
  UND_ERR_SOCKET: 'connection cut',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection cut',
  [responseTooLargeCode]: 'the answer is larger than is read',
};

const unknownAuthority =
  'its authority is not known here; name it by PROMETHEUS_CA_FILE for the store, by NODE_EXTRA_CA_CERTS for others';

/** Why certificates are not trusted, by Node's codes. */
const untrustedByNetworkCode: Partial<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet; see the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name than the one that is asked',
};

/** The `UpstreamError` for an error of undici, Node or zlib on the way to an upstream. */
export function toUpstreamError(upstream: Upstream, error: unknown): UpstreamError {
  const { code: networkCode = 'unknown', name } = error as { code?: string; name?: string };
  // undici's parser gives its errors no code that can be relied on.
  if (name === 'HTTPParserError')
    return new UpstreamError({ upstream, code: 'bad_answer', detail: 'it is no HTTP' });
  const untrusted = untrustedByNetworkCode[networkCode];
  if (untrusted !== undefined)
    return new UpstreamError({ upstream, code: 'untrusted', detail: untrusted });
  return new UpstreamError({
    upstream,
    code: codeByNetworkCode[networkCode] ?? 'unreachable',
    detail: detailByNetworkCode[networkCode] ?? networkCode,
  });
}
