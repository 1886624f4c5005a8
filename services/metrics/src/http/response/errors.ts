import { ApiError } from '@bud-monitoring/service-kit';
import { ClusterNotFound, PartOfStoreAway } from '../../domain/clusters/existence.js';
import { InputError } from '../../domain/input-error.js';
import { TooManyNodes } from '../../domain/too-many-nodes.js';

/** The domain's own errors as HTTP has them; others pass as they are. */
export function toHttpError(error: unknown): unknown {
  if (error instanceof InputError) return ApiError.badRequest(error.field, error.message);
  if (error instanceof ClusterNotFound) return ApiError.notFound(error.message);
  if (error instanceof PartOfStoreAway) return ApiError.unavailable(error.message, 5);
  if (error instanceof TooManyNodes)
    return new ApiError('UnprocessableEntityError', error.message, { cause: error });
  return error;
}
