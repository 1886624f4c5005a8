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

/** The `UpstreamError` for an error of undici, Node or zlib on the way to an upstream. */
export function toUpstreamError(upstream: Upstream, error: unknown): UpstreamError {
  const { code: networkCode = 'unknown', name } = error as { code?: string; name?: string };
  // undici's parser gives its errors no code that can be relied on.
  if (name === 'HTTPParserError')
    return new UpstreamError({ upstream, code: 'bad_answer', detail: 'it is no HTTP' });
  return new UpstreamError({
    upstream,
    code: codeByNetworkCode[networkCode] ?? 'unreachable',
    detail: detailByNetworkCode[networkCode] ?? networkCode,
  });
}
