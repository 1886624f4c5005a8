import { ApiError } from '../http/errors/api-error.js';

/** 401 for a token that was shown but does not count, with the reason (never a part of it). */
export function invalidToken(reason: string): ApiError {
  return ApiError.unauthorized(`The token is not valid: ${reason}`, 'Bearer error="invalid_token"');
}
