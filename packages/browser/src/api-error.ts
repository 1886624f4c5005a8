import type { ErrorBody, ErrorDetail, ErrorType } from '@bud-monitoring/contracts';

/** Beside the types of the API's own errors: nobody was reached, or what answered was not the API. */
export type ApiErrorType = ErrorType | 'NetworkError' | 'InvalidAnswerError';

/** The one error of this client. What aborts by a signal rejects with the signal's own reason instead. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 where there was no answer. */
  readonly code: number;
  readonly type: ApiErrorType;
  /** Which fields of a request are wrong, and how. */
  readonly details: readonly ErrorDetail[];
  /** Names the request in the logs of the services. */
  readonly requestId: string | null;
  /** Seconds that the API asks to wait. */
  readonly retryAfterSeconds: number | null;

  constructor(
    body: Pick<ErrorBody, 'code' | 'message'> &
      Partial<Pick<ErrorBody, 'details' | 'request_id'>> & { type: ApiErrorType },
    {
      retryAfterSeconds = null,
      cause,
    }: { retryAfterSeconds?: number | null; cause?: unknown } = {},
  ) {
    super(body.message, cause === undefined ? undefined : { cause });
    this.code = body.code;
    this.type = body.type;
    this.details = body.details ?? [];
    this.requestId = body.request_id ?? null;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The error that a response tells; the status alone where it is not in the API's envelope. */
export async function errorOf(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  const body = (await response.json().catch(() => null)) as Partial<ErrorBody> | null;
  if (body?.object === 'error' && typeof body.code === 'number')
    return new ApiError(body as ErrorBody, { retryAfterSeconds });
  const message = `The answer has status ${response.status}, and is not one of the API`;
  const type = 'InvalidAnswerError';
  return new ApiError({ code: response.status, type, message }, { retryAfterSeconds });
}
