import type { Logger } from '@bud-monitoring/service-kit';
import type { ApiRequest } from '../../domain/prometheus-api/index.js';

/** A query is slow if the store took longer to respond, seconds. */
export const slowSeconds = 5;

/** Logs a slow query; `seconds` is null where the store was not asked. */
export function logSlow(logger: Logger, request: ApiRequest, seconds: number | null): void {
  if (seconds === null || seconds <= slowSeconds) return;
  const query = (request.parameters.all('query')[0] ?? '').slice(0, 1000);
  logger.warn('slow query', { clusterId: request.cluster ?? '*', query, seconds });
}
