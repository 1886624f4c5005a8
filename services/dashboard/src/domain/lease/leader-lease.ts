import { z } from 'zod';
import type { Clock, Store } from '../../ports.js';

const turnSchema = z.object({ holder: z.string(), startedAt: z.number() });

/** Lets replicas take turns at what one of them does for all. */
export interface Turns {
  /**
   * Whether this replica may do `name` now: nobody began it in the last `everyMs`. Whoever began it
   * and died is followed by the next who asks after that.
   */
  take(name: string, everyMs: number): Promise<boolean>;
}

export function createTurns(options: { store: Store; clock: Clock; holder: string }): Turns {
  const { store, clock, holder } = options;
  return {
    async take(name, everyMs) {
      const key = `turn:${name}`;
      const entry = await store.get(key);
      const last = turnSchema.safeParse(entry?.value);
      const now = clock.now();
      // A time ahead of our clock is another's wrong clock, not a turn that is taken.
      if (last.success && last.data.startedAt <= now && now < last.data.startedAt + everyMs)
        return false;
      const turn = { holder, startedAt: now };
      return store.save(key, turn, entry === null ? 'absent' : { etag: entry.etag });
    },
  };
}
