import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { ErrorBody } from '@bud-monitoring/contracts';
import type { Logger } from '../../log/logger.js';
import { ApiError } from './api-error.js';
import { formatFor, type ErrorFormat } from './error-format.js';
import { scopeOf } from '../request/request-scope.js';
import { toApiError } from './to-api-error.js';

/** The only place that responds with errors: in the envelope, or in the format of the path. */
export function errorHandler(logger: Logger, formats: readonly ErrorFormat[]): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows an error handler by its four parameters
  return (thrown: unknown, request, response, _next) => {
    const error = toApiError(thrown);
    const { requestId } = scopeOf(response);
    if (response.destroyed) {
      logger.debug('request given up by its caller', { error: thrown });
      return;
    }
    logError(logger, error, thrown);
    if (response.headersSent) {
      response.destroy(); // the only way left to say that the answer is not whole
      return;
    }
    const { retryAfterSeconds } = error;
    response.status(error.status).set({ ...error.headers });
    if (retryAfterSeconds !== undefined) {
      response.set('Retry-After', String(Math.max(1, Math.ceil(retryAfterSeconds))));
    }
    const format = formatFor(formats, request.path);
    response.json(format ? format.body(error, requestId) : errorBody(error, requestId));
  };
}

/** The error envelope. */
export function errorBody(error: ApiError, requestId: string): ErrorBody {
  return {
    object: 'error',
    code: error.status,
    type: error.type,
    message: error.message,
    ...(error.details !== undefined && { details: [...error.details] }),
    request_id: requestId,
  };
}

/** 404 for what no route matches. */
export const unknownPath: RequestHandler = () => {
  throw ApiError.notFound('There is nothing at this path');
};

/** 405 for a known path, with what it takes. */
export function methodNotAllowed(path: string, methods: readonly string[]): RequestHandler {
  const names = methods.flatMap((name) =>
    name === 'get' ? ['GET', 'HEAD'] : [name.toUpperCase()],
  );
  const allow = names.join(', ');
  return (request, response: Response) => {
    scopeOf(response).route = path;
    throw new ApiError('MethodNotAllowedError', `${request.method} is not allowed here: ${allow}`, {
      headers: { Allow: allow },
    });
  };
}

function logError(logger: Logger, error: ApiError, thrown: unknown): void {
  if (error.status === 500) logger.error('request failed unexpectedly', { error: thrown });
  else if (error.status > 500) logger.warn('request failed upstream', { error: thrown });
  else logger.debug('request refused', { status: error.status, reason: error.message });
}
