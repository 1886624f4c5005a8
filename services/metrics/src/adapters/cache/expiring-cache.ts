import { LRUCache } from 'lru-cache';
import type { Clock } from '../../ports.js';
import { createSingleFlight } from './single-flight.js';

export interface ExpiringCacheOptions<T> {
  clock: Clock;
  ttlMs: number;
  /** Most entries. */
  max: number;
  readonly isCacheable: (value: T) => boolean;
}

/**
 * A cache with a time to live. The function returns the cached value, or loads it: once for all callers
 * that ask for the key at the same time. It throws what `load` throws, which is not cached.
 */
export function createExpiringCache<T extends object>(options: ExpiringCacheOptions<T>) {
  const { clock, ttlMs, max, isCacheable } = options;
  const cache = new LRUCache<string, T>({ max, ttl: ttlMs, perf: clock, ttlResolution: 0 });
  const singleFlight = createSingleFlight<T>();
  return async function getOrLoad(
    key: string,
    signal: AbortSignal,
    load: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    return singleFlight.do(key, signal, async (sharedSignal) => {
      const value = await load(sharedSignal);
      if (isCacheable(value)) cache.set(key, value);
      return value;
    });
  };
}
