import { UpstreamError } from '@bud-monitoring/client';
import type { StateStore } from '@bud-monitoring/client/dapr';
import { StoreDown, type Store } from '../ports.js';

/** The Dapr state store: an etag mismatch is the result false, every other failure a `StoreDown`. */
export function createStore({ state }: { state: StateStore }): Store {
  return {
    get: (key) => orDown(() => state.get(key)),
    getMany: (keys) => orDown(() => state.getMany(keys)),
    delete: (key) => orDown(() => state.delete(key)),
    save: (key, value, expected, ttlSeconds) =>
      orDown(async () => {
        try {
          await state.save(key, value, {
            ...(expected === 'absent' && { ifAbsent: true }),
            ...(typeof expected === 'object' && expected),
            ttlSeconds,
          });
          return true;
        } catch (error) {
          if (error instanceof UpstreamError && error.code === 'conflict') return false;
          throw error;
        }
      }),
  };
}

async function orDown<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof UpstreamError) throw new StoreDown(error.message, { cause: error });
    throw error;
  }
}
