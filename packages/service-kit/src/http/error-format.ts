import type { ApiError } from './api-error.js';

/** Another form of error body for every request below a path. */
export interface ErrorFormat {
  /** OpenAPI form of the prefix: `/clusters/{cluster_id}/prometheus/api/v1`. */
  readonly path: string;
  body(error: ApiError, requestId: string): unknown;
}
