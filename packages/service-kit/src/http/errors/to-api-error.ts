import { UpstreamError, type Upstream } from '@bud-monitoring/client';
import type { ErrorType } from '@bud-monitoring/contracts';
import { ApiError } from './api-error.js';

export interface ToApiErrorOptions {
  /** Whose fault a request is that the upstream refused: the caller's (422) or ours (502, default). */
  refused?: 422 | 502;
}

const badAnswerType: Record<Upstream, ErrorType> = {
  prometheus: 'PrometheusQueryError',
  alertmanager: 'BadGatewayError',
  grafana: 'GrafanaError',
  'bud-cluster': 'EventsQueryError',
  dapr: 'BadGatewayError',
  'bud-metrics': 'BadGatewayError',
  'bud-dashboard': 'BadGatewayError',
};

/** Seconds a caller is asked to wait where the upstream says nothing. */
const defaultRetryAfter = 10;

/** Turns whatever was thrown into an `ApiError`; what is unknown becomes a 500 without details. */
export function toApiError(error: unknown, { refused = 502 }: ToApiErrorOptions = {}): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof UpstreamError) return fromUpstream(error, refused);
  return (
    fromFramework(error) ?? new ApiError('InternalServerError', 'Internal error', { cause: error })
  );
}

function fromUpstream(error: UpstreamError, refused: 422 | 502): ApiError {
  const { code, upstream, retryAfterSeconds = defaultRetryAfter, detail } = error;
  switch (code) {
    case 'unreachable':
    case 'untrusted':
    case 'circuit_open':
    case 'too_many_requests':
    case 'cancelled':
      return ApiError.unavailable(error.message, retryAfterSeconds, error);
    case 'timeout':
      return new ApiError('GatewayTimeoutError', error.message, {
        retryAfterSeconds,
        cause: error,
      });
    case 'refused': {
      const message = detail === undefined ? error.message : `${error.message}: ${detail}`;
      const type = refused === 422 ? 'UnprocessableEntityError' : badAnswerType[upstream];
      return new ApiError(type, message, { cause: error });
    }
    default:
      return new ApiError(badAnswerType[upstream], error.message, { cause: error });
  }
}

/** The 4xx of Express and its body parsers, with messages of our own: theirs can quote the input. */
function fromFramework(error: unknown): ApiError | undefined {
  if (error instanceof URIError) {
    return new ApiError('BadRequestError', 'The path is not validly percent-encoded', {
      cause: error,
    });
  }
  // `expose` tells their errors from those of HTTP clients, which have a status too.
  const { expose, status, type, limit } = (error ?? {}) as Record<string, unknown>;
  if (expose !== true || typeof status !== 'number' || status >= 500) return undefined;
  if (status === 413) {
    const than = typeof limit === 'number' ? `larger than ${limit} bytes` : 'too large';
    return new ApiError('PayloadTooLargeError', `The body is ${than}`, {
      headers: { Connection: 'close' }, // the rest of the body is not read
      cause: error,
    });
  }
  if (status === 415) {
    return new ApiError('UnsupportedMediaTypeError', 'The encoding of the body is not supported', {
      cause: error,
    });
  }
  const message =
    type === 'entity.parse.failed' ? 'The body is not valid JSON' : 'The request is malformed';
  return new ApiError('BadRequestError', message, { cause: error });
}
