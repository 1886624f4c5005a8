import type { ErrorType } from '@bud-monitoring/contracts';
import type { ApiError } from './api-error.js';

/** Another form of error body for every request below a path. */
export interface ErrorFormat {
  /** OpenAPI form of the prefix: `/clusters/{cluster_id}/prometheus/api/v1`. */
  readonly path: string;
  body(error: ApiError, requestId: string): unknown;
}

/** Prometheus' names for our errors; what is not here is `bad_data` below 500, `internal` above. */
const prometheusErrorTypes: Partial<Record<ErrorType, string>> = {
  UnauthorizedError: 'unauthorized',
  ForbiddenError: 'forbidden',
  NotFoundError: 'not_found',
  NotAcceptableError: 'not_acceptable',
  TooManyRequestsError: 'too_many_requests',
  UnprocessableEntityError: 'execution',
  ServiceUnavailableError: 'unavailable',
  GatewayTimeoutError: 'timeout',
  NotImplementedError: 'not_implemented',
};

/** Errors as any client of the Prometheus HTTP API reads them. */
export function prometheusErrors(path: string): ErrorFormat {
  return {
    path,
    body: ({ type, status, message }) => ({
      status: 'error',
      errorType: prometheusErrorTypes[type] ?? (status < 500 ? 'bad_data' : 'internal'),
      error: message,
    }),
  };
}

/** The format whose path a request lies below (undecoded path, `{...}` is any one segment). */
export function formatFor(formats: readonly ErrorFormat[], path: string): ErrorFormat | undefined {
  return formats.find((format) => prefixPattern(format.path).test(path));
}

/** Paths are few, and errors may be many. */
const patterns = new Map<string, RegExp>();

function prefixPattern(path: string): RegExp {
  const known = patterns.get(path);
  if (known !== undefined) return known;
  const segments = path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+');
  const pattern = new RegExp(`^${segments}(?:/|$)`);
  patterns.set(path, pattern);
  return pattern;
}
