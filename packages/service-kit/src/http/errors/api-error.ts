import { errorStatus, type ErrorDetail, type ErrorType } from '@bud-monitoring/contracts';

export interface ApiErrorOptions {
  details?: readonly ErrorDetail[] | undefined;
  /** Sent as `Retry-After`. */
  retryAfterSeconds?: number | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  cause?: unknown;
}

/** An error for the caller: message and details are sent as they are. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly type: ErrorType;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(type: ErrorType, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.type = type;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
  }

  /** HTTP status of the answer, fixed by the type. */
  get status(): number {
    return errorStatus[this.type];
  }

  /** 400 that names the field and what is wrong with it. */
  static badRequest(field: string, message: string): ApiError {
    return ApiError.badFields([{ field, message }]);
  }

  /** 400 for several fields at once. */
  static badFields(details: readonly ErrorDetail[]): ApiError {
    const text = details.map(({ field, message }) => (field ? `${field}: ${message}` : message));
    return new ApiError('BadRequestError', text.join('; '), { details });
  }

  static unauthorized(message: string, challenge = 'Bearer'): ApiError {
    return new ApiError('UnauthorizedError', message, {
      headers: { 'WWW-Authenticate': challenge },
    });
  }

  static forbidden(message: string): ApiError {
    return new ApiError('ForbiddenError', message);
  }

  static notFound(message: string): ApiError {
    return new ApiError('NotFoundError', message);
  }

  static conflict(message: string): ApiError {
    return new ApiError('ConflictError', message);
  }

  static unprocessable(message: string, details?: readonly ErrorDetail[]): ApiError {
    return new ApiError('UnprocessableEntityError', message, { details });
  }

  static unavailable(message: string, retryAfterSeconds: number, cause?: unknown): ApiError {
    return new ApiError('ServiceUnavailableError', message, { retryAfterSeconds, cause });
  }
}
