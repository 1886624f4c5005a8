import { ApiError } from '../http/errors/api-error.js';

/** 401 for an invalid token, with the reason (never a part of the token). */
export function invalidToken(reason: string): ApiError {
  return ApiError.unauthorized(`The token is not valid: ${reason}`, 'Bearer error="invalid_token"');
}
