import { z } from 'zod';
import type { Clock, Store } from '../../ports.js';

const leaseSchema = z.object({ holder: z.string(), startedAt: z.number() });

/** Elects one replica for each round of what one does for all, such as a resync. */
export interface LeaderLease {
  /**
   * Whether this replica acquired the lease `name` for `durationMs` from now. It is not renewed: it
   * expires, also where its holder died, and whoever asks next acquires it.
   */
  acquire(name: string, durationMs: number): Promise<boolean>;
}

/** Leader leases in the state store. */
export function createLeaderLease(options: {
  store: Store;
  clock: Clock;
  holder: string;
}): LeaderLease {
  const { store, clock, holder } = options;
  return {
    async acquire(name, durationMs) {
      const key = `turn:${name}`;
      const entry = await store.get(key);
      const last = leaseSchema.safeParse(entry?.value);
      const now = clock.now();
      // A time ahead of our clock is another's wrong clock, not a lease that is held.
      if (last.success && last.data.startedAt <= now && now < last.data.startedAt + durationMs)
        return false;
      const lease = { holder, startedAt: now };
      return store.save(key, lease, entry === null ? 'absent' : { etag: entry.etag });
    },
  };
}
