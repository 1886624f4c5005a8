import { ApiError } from '../errors/api-error.js';
import type { ErrorFormat } from '../errors/error-format.js';
import { errorBody } from '../errors/error-handler.js';

/** One error of each status that a route may declare. */
const errors: Readonly<Record<number, ApiError>> = Object.fromEntries(
  [
    ApiError.badRequest('limit', 'must be a whole number from 1 to 500'),
    ApiError.unauthorized('The token is not valid: it has expired'),
    ApiError.forbidden('The token does not reach this cluster'),
    ApiError.notFound('Cluster not found'),
    new ApiError('NotAcceptableError', 'This is a stream: ask with Accept: text/event-stream'),
    ApiError.conflict('The cluster was changed meanwhile'),
    new ApiError('PayloadTooLargeError', 'The body is too large'),
    new ApiError('UnsupportedMediaTypeError', 'A body of type application/json is needed'),
    ApiError.unprocessable('More than can be answered at once'),
    new ApiError('TooManyRequestsError', 'Too many queries of the cluster are waiting'),
    new ApiError('InternalServerError', 'Internal error'),
    new ApiError('NotImplementedError', 'The store does not have this'),
    new ApiError('PrometheusQueryError', 'The store answered with an error'),
    ApiError.unavailable('The store cannot be reached', 2),
    new ApiError('GatewayTimeoutError', 'No answer within 30 s; ask for less at once'),
  ].map((error) => [error.status, error]),
);

/** What an error of a status looks like, in the format of its path. */
export function errorExample(status: number, format: ErrorFormat | undefined): unknown {
  const error = errors[status];
  if (error === undefined) throw new Error(`there is no example of an error of status ${status}`);
  const requestId = '5b0c9a8e-61a5-4f7e-8f6f-2d1b3c4d5e6f';
  return format === undefined ? errorBody(error, requestId) : format.body(error, requestId);
}
