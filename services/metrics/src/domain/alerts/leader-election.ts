import { z } from 'zod';
import type { Clock, Documents } from '../../ports.js';

const leaseSchema = z.object({
  holder: z.string(),
  /** When the holder acquired it, Unix ms. */
  startedAt: z.number(),
  /** When it expires unless renewed, Unix ms; 0 once it is released. */
  until: z.number(),
});
type LeaseRecord = z.infer<typeof leaseSchema>;

/** The right of one replica to do what must be done by one. */
export interface Lease {
  /**
   * Resolves when the lease is ours for at least half of `leaseMs` from now, which is longer than any
   * one call takes; throws `LeaseLost` otherwise.
   */
  renew(signal: AbortSignal): Promise<void>;
  /** Gives the lease back; throws `LeaseLost` where it is not ours any more. */
  release(signal: AbortSignal): Promise<void>;
}

/** Another replica has acquired the lease. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Elects the replica that does a periodic task. */
export interface LeaderElection {
  /** The lease, or `null` while another holds it or it was last acquired less than `everyMs` ago. */
  acquire(signal: AbortSignal): Promise<Lease | null>;
}

/** Share of `everyMs` after which the next may begin: ticks are not precise to the millisecond. */
const earliest = 0.9;

/** Leader election by a document in the state store, written with optimistic concurrency. */
export function createLeaderElection(options: {
  documents: Documents;
  clock: Clock;
  name: string;
  /** Identifies this process among all. */
  holder: string;
  everyMs: number;
  leaseMs: number;
}): LeaderElection {
  const { documents, clock, holder, everyMs, leaseMs } = options;
  const key = `turn:${options.name}`;

  async function read(signal: AbortSignal) {
    const entry = await documents.get(key, signal);
    // One that cannot be read is nobody's.
    return { lease: leaseSchema.safeParse(entry?.value).data ?? null, entry };
  }
  const write = (
    lease: LeaseRecord,
    { entry }: Awaited<ReturnType<typeof read>>,
    signal: AbortSignal,
  ) => documents.save(key, lease, entry === null ? 'absent' : { etag: entry.etag }, signal);

  function isFree(lease: LeaseRecord | null, now: number): boolean {
    if (lease === null) return true;
    const isHeld = now < lease.until && lease.until - now <= leaseMs;
    // A time ahead of our clock is another's wrong clock: such a lease does not count.
    const isEarly = lease.startedAt <= now && now - lease.startedAt < earliest * everyMs;
    return !isHeld && !isEarly;
  }

  return {
    async acquire(signal) {
      const current = await read(signal);
      const startedAt = clock.now();
      if (!isFree(current.lease, startedAt)) return null;
      let until = startedAt + leaseMs;
      if (!(await write({ holder, startedAt, until }, current, signal))) return null;
      /** Changes our own lease, if it still is ours. */
      const change = async (next: Partial<LeaseRecord>, own: AbortSignal) => {
        const found = await read(own);
        const { lease } = found;
        const isOurs = lease?.holder === holder && lease.startedAt === startedAt;
        if (!isOurs || !(await write({ ...lease, ...next }, found, own))) throw new LeaseLost();
      };
      return {
        async renew(own) {
          const now = clock.now();
          if (until - now > leaseMs / 2) return;
          await change({ until: now + leaseMs }, own);
          until = now + leaseMs;
        },
        release: (own) => change({ until: 0 }, own),
      };
    },
  };
}
