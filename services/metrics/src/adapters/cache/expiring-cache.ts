import { LRUCache } from 'lru-cache';
import type { Clock } from '../../ports.js';
import { createFlights } from './single-flight.js';

export interface ExpiringOptions<T> {
  clock: Clock;
  ttlMs: number;
  max: number;
  /** Whether a value is worth remembering. */
  readonly keep: (value: T) => boolean;
}

/** Remembers what was found for a while; finds it once for all who ask at the same time. */
export function createExpiring<T extends object>({ clock, ttlMs, max, keep }: ExpiringOptions<T>) {
  const cache = new LRUCache<string, T>({ max, ttl: ttlMs, perf: clock, ttlResolution: 0 });
  const flights = createFlights<T>();
  return async function remembered(
    key: string,
    signal: AbortSignal,
    find: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const known = cache.get(key);
    if (known !== undefined) return known;
    return flights.run(key, signal, async (shared) => {
      const found = await find(shared);
      if (keep(found)) cache.set(key, found);
      return found;
    });
  };
}
