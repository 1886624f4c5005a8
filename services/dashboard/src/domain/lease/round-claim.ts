import { z } from 'zod';
import type { Clock, Store } from '../../ports.js';

const claimSchema = z.object({ holder: z.string(), startedAt: z.number() });

/** Lets one replica do a round of what one does for all, such as a resync. */
export interface RoundClaim {
  /**
   * Whether this replica has the round `name` that lasts `durationMs` from now. The claim is neither renewed
   * nor given back: it runs out, also where its holder died, and whoever asks next has the next round.
   */
  acquire(name: string, durationMs: number): Promise<boolean>;
}

/** Claims in the state store; throws `StoreDown`. */
export function createRoundClaim(options: {
  store: Store;
  clock: Clock;
  holder: string;
}): RoundClaim {
  const { store, clock, holder } = options;
  return {
    async acquire(name, durationMs) {
      const key = `turn:${name}`;
      const entry = await store.get(key);
      const last = claimSchema.safeParse(entry?.value);
      const now = clock.now();
      // A time ahead of our clock is another's wrong clock, not a round that goes on.
      if (last.success && last.data.startedAt <= now && now < last.data.startedAt + durationMs)
        return false;
      const claim = { holder, startedAt: now };
      return store.save(key, claim, entry === null ? 'absent' : { etag: entry.etag });
    },
  };
}
