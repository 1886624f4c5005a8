import { UpstreamError } from '@bud-monitoring/client';
import type { StateStore } from '@bud-monitoring/client/dapr';
import type { Documents } from '../ports.js';

/** Documents in the Dapr state store: a write conflict returns false, all else throws. */
export function createDocuments(state: StateStore): Documents {
  return {
    get: (key, signal) => state.get(key, signal),
    getMany: (keys, signal) => state.getMany(keys, signal),
    async save(key, value, expected, signal) {
      const own = expected === 'absent' ? { ifAbsent: true } : expected;
      try {
        await state.save(key, value, { ...own, signal });
        return true;
      } catch (error) {
        if (error instanceof UpstreamError && error.code === 'conflict') return false;
        throw error;
      }
    },
  };
}
