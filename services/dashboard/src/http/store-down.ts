import { ApiError } from '@bud-monitoring/service-kit';
import { StoreDown } from '../ports.js';

/** Answers 503 while the state store is down. */
export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreDown)) throw error;
    throw ApiError.unavailable('The state store cannot be used', 5, error);
  }
}
