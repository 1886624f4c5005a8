import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../ports.js';
import { superseded } from '../grafana/failure.js';
import type { ClusterRecord } from '../state/record.js';
import type { Records, StoredRecord } from '../state/records.js';

/** The right of one replica to change Grafana for one cluster, kept in the cluster's record. */
export interface Lease {
  /**
   * Resolves when the lease is ours for at least half its length from now, which is longer than any
   * call to Grafana takes. Throws a superseding `Failure` when the record was changed by another.
   */
  hold(): Promise<void>;
  /** Whether it was taken at all. */
  readonly taken: boolean;
}

export function createLease(options: {
  records: Records;
  stored: StoredRecord;
  holder: string;
  clock: Clock;
  leaseMs: number;
}): Lease {
  const { stored, records, holder, clock, leaseMs } = options;
  const { id, desired } = stored.record;
  let until = 0;

  /** What a lease of ours is prolonged over: the store does not tell the etag of what was written. */
  async function reread(): Promise<StoredRecord> {
    const newest = await records.get(id);
    const isOurs = newest?.record.work.lease?.holder === holder;
    if (!isOurs || !isDeepStrictEqual(newest.record.desired, desired)) throw superseded();
    return newest;
  }

  return {
    get taken() {
      return until > 0;
    },
    async hold() {
      const now = clock.now();
      if (until - now > leaseMs / 2) return;
      const over = until === 0 ? stored : await reread();
      const { record } = over;
      const leased: ClusterRecord = {
        ...record,
        work: { ...record.work, lease: { holder, until: now + leaseMs } },
      };
      if (!(await records.save(leased, over))) throw superseded();
      until = now + leaseMs;
    },
  };
}
