import { ApiError } from '@bud-monitoring/service-kit';
import { InputError } from '../../domain/input-error.js';
import { LimitExceeded } from '../../domain/prometheus-api/request/limits.js';
import { InvalidPromQL } from '../../domain/prometheus-api/response/error-translation.js';
import {
  InvalidUpstreamResponse,
  UnsupportedByStore,
} from '../../domain/prometheus-api/response/read-response.js';
import { Refused } from '../../domain/prometheus-api/scoping/refused.js';
import { QueueFull } from '../../domain/prometheus-api/upstream/fair-queue.js';
import { BodyTooLarge } from '../../domain/prometheus-api/upstream/shared-body.js';
import { toHttpError } from '../response/errors.js';

/** The scoped API's errors as HTTP has them, in Prometheus' words where it has some; others pass as they are. */
export function toRequestError(error: unknown): unknown {
  if (error instanceof InputError) {
    const { field, message } = error;
    return new ApiError('BadRequestError', `invalid parameter "${field}": ${message}`);
  }
  if (error instanceof InvalidPromQL) return new ApiError('BadRequestError', error.message);
  if (error instanceof Refused) {
    const isBad = error.refusal.status === 400;
    return new ApiError(isBad ? 'BadRequestError' : 'UnprocessableEntityError', error.message);
  }
  if (error instanceof LimitExceeded || error instanceof BodyTooLarge) {
    return ApiError.unprocessable(error.message);
  }
  if (error instanceof QueueFull) return tooMany(error);
  if (error instanceof InvalidUpstreamResponse)
    return new ApiError('PrometheusQueryError', error.message);
  if (error instanceof UnsupportedByStore)
    return new ApiError('NotImplementedError', error.message);
  return toHttpError(error);
}

/** A queue that is full, as HTTP has it. */
export function tooMany({ message }: QueueFull): ApiError {
  return new ApiError('TooManyRequestsError', message, { retryAfterSeconds: 1 });
}
