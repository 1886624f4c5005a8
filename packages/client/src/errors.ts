/** The upstreams this package has clients for. */
export type Upstream =
  | 'prometheus'
  | 'alertmanager'
  | 'grafana'
  | 'bud-cluster'
  | 'dapr'
  | 'bud-metrics'
  | 'bud-dashboard';

/** A sentence per code; together with the upstream's name it is the whole message of the error. */
const sentences = {
  unreachable: 'could not be reached',
  untrusted: 'has a certificate that cannot be trusted',
  timeout: 'did not answer in time',
  circuit_open: 'is not asked for a moment, since it failed several times in a row',
  cancelled: 'was not waited for, since the caller went away',
  bad_answer: 'gave an answer that cannot be used',
  refused: 'refused the request as wrong',
  unauthorized: 'did not accept our credentials',
  forbidden: 'does not allow this with our credentials',
  not_found: 'does not have what was asked for',
  conflict: 'holds another state than was expected',
  too_many_requests: 'asks for fewer requests',
} as const;

/**
 * The closed list of what can go wrong with an upstream. `refused` is its 4xx that says our request
 * is wrong (Prometheus: bad_data, execution); `bad_answer` is a 5xx or an answer that does not parse.
 */
export type UpstreamErrorCode = keyof typeof sentences;

export interface UpstreamErrorInit {
  upstream: Upstream;
  code: UpstreamErrorCode;
  /** HTTP status of the answer, when there was one. */
  status?: number | undefined;
  /** What the upstream (or our breaker) asks to wait. */
  retryAfterSeconds?: number | undefined;
  /** The upstream's own words; made safe by `safeDetail`. */
  detail?: string | undefined;
}

/**
 * The one error of this package. Neither the message nor a field holds a URL, a header or a
 * credential, and there is no `cause`: an axios error would carry all three into a log.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly upstream: Upstream;
  readonly code: UpstreamErrorCode;
  declare readonly status?: number;
  declare readonly retryAfterSeconds?: number;
  declare readonly detail?: string;

  constructor({ upstream, code, status, retryAfterSeconds, detail }: UpstreamErrorInit) {
    // What is wrong with a certificate is in our own words, and says what to do.
    const more = code === 'untrusted' && detail !== undefined ? `: ${detail}` : '';
    super(`${upstream} ${sentences[code]}${more}`);
    this.upstream = upstream;
    this.code = code;
    if (status !== undefined) this.status = status;
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
    if (detail !== undefined && detail !== '') this.detail = safeDetail(detail);
  }
}

/** An upstream's own text, fit for a log or an answer: no URL, no control characters, 500 characters. */
function safeDetail(text: string): string {
  return text
    .slice(0, 2_000)
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`,)\]}>]+/gi, '<url>')
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 500);
}

const codeByStatus: Partial<Record<number, UpstreamErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  412: 'conflict',
  429: 'too_many_requests',
  503: 'unreachable',
  504: 'timeout',
};

/** What an HTTP status means where the upstream says nothing better: 400 is `refused`, 500 `bad_answer`. */
export function codeOfStatus(status: number): UpstreamErrorCode {
  return codeByStatus[status] ?? (status >= 400 && status < 500 ? 'refused' : 'bad_answer');
}
