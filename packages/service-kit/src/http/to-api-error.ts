import { ApiError } from './api-error.js';

export interface ToApiErrorOptions {
  /** Whose fault a request is that the upstream refused: the caller's (422) or ours (502). */
  refused?: 422 | 502;
}

/** Turns whatever was thrown into what the caller is told; what we do not know is a mute 500. */
export function toApiError(error: unknown, _options: ToApiErrorOptions = {}): ApiError {
  return error instanceof ApiError ? error : new ApiError('InternalServerError', 'Internal error');
}
