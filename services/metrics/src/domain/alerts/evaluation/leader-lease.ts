import { z } from 'zod';
import type { Clock, Documents } from '../../../ports.js';

const turnSchema = z.object({
  holder: z.string(),
  /** Unix ms. */
  startedAt: z.number(),
  /** Until when nobody else may begin, ms; 0 once the turn is over. */
  until: z.number(),
});
type Turn = z.infer<typeof turnSchema>;

/** The right of one replica to do what is done once for all. */
export interface Lease {
  /**
   * Resolves when the turn is ours for at least half of `leaseMs` from now, which is longer than any
   * one call takes; throws `TurnLost` otherwise.
   */
  hold(signal: AbortSignal): Promise<void>;
  /** Gives the turn back, done. */
  end(signal: AbortSignal): Promise<void>;
}

/** Another replica has taken over. */
export class TurnLost extends Error {
  override readonly name = 'TurnLost';
}

/** Lets replicas take turns. */
export interface Turns {
  /** The turn, or `null` while another has it or the last one began less than `everyMs` ago. */
  take(signal: AbortSignal): Promise<Lease | null>;
}

/** Ticks do not come to the millisecond. */
const punctual = 0.9;

export function createTurns(options: {
  documents: Documents;
  clock: Clock;
  name: string;
  /** Tells this process from every other. */
  holder: string;
  everyMs: number;
  leaseMs: number;
}): Turns {
  const { documents, clock, holder, everyMs, leaseMs } = options;
  const key = `turn:${options.name}`;

  async function read(signal: AbortSignal) {
    const entry = await documents.get(key, signal);
    return { turn: entry === null ? null : turnSchema.parse(entry.value), entry };
  }
  const write = (turn: Turn, { entry }: Awaited<ReturnType<typeof read>>, signal: AbortSignal) =>
    documents.save(key, turn, entry === null ? 'absent' : { etag: entry.etag }, signal);

  function isFree(turn: Turn | null, now: number): boolean {
    if (turn === null) return true;
    const taken = now < turn.until && turn.until - now <= leaseMs;
    // A time ahead of our clock is another's wrong clock, and no turn.
    const early = turn.startedAt <= now && now - turn.startedAt < punctual * everyMs;
    return !taken && !early;
  }

  return {
    async take(signal) {
      const found = await read(signal);
      const startedAt = clock.now();
      if (!isFree(found.turn, startedAt)) return null;
      let until = startedAt + leaseMs;
      if (!(await write({ holder, startedAt, until }, found, signal))) return null;
      /** Changes our own turn, if it still is ours. */
      const change = async (next: Partial<Turn>, own: AbortSignal) => {
        const current = await read(own);
        const { turn } = current;
        const ours = turn?.holder === holder && turn.startedAt === startedAt;
        if (!ours || !(await write({ ...turn, ...next }, current, own))) throw new TurnLost();
      };
      return {
        async hold(own) {
          const now = clock.now();
          if (until - now > leaseMs / 2) return;
          await change({ until: now + leaseMs }, own);
          until = now + leaseMs;
        },
        end: (own) => change({ until: 0 }, own),
      };
    },
  };
}
