import { ApiError } from '@bud-monitoring/service-kit';
import { Failure } from '../domain/grafana/failure.js';
import { StoreDown } from '../ports.js';

/** Answers 503 while the state store is down, or Grafana where the work needs it. */
export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) throw ApiError.unavailable(error.message, 5, error);
    if (!(error instanceof StoreDown)) throw error;
    throw ApiError.unavailable('The state store cannot be used', 5, error);
  }
}
