import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../ports.js';
import { superseded } from '../grafana/failure.js';
import type { ClusterRecord } from '../state/record.js';
import type { Records, StoredRecord } from '../state/record-store.js';

/** The lease under which one replica changes Grafana for one cluster, stored in the cluster's record. */
export interface ClusterLease {
  /**
   * Resolves when this replica holds the lease for at least half its duration from now, which is longer
   * than any call to Grafana takes. Throws a `superseded` failure when another changed the record.
   */
  acquireOrRenew(): Promise<void>;
  /** Whether it was ever acquired. */
  readonly acquired: boolean;
}

export function createClusterLease(options: {
  records: Records;
  stored: StoredRecord;
  holder: string;
  clock: Clock;
  durationMs: number;
}): ClusterLease {
  const { stored, records, holder, clock, durationMs } = options;
  const { id, desired } = stored.record;
  let until = 0;

  /** The record to renew over: the store does not return the etag of a write. */
  async function reread(): Promise<StoredRecord> {
    const newest = await records.get(id);
    const isHeld = newest?.record.work.lease?.holder === holder;
    if (!isHeld || !isDeepStrictEqual(newest.record.desired, desired)) throw superseded();
    return newest;
  }

  return {
    get acquired() {
      return until > 0;
    },
    async acquireOrRenew() {
      const now = clock.now();
      if (until - now > durationMs / 2) return;
      const newest = until === 0 ? stored : await reread();
      const { record } = newest;
      const leased: ClusterRecord = {
        ...record,
        work: { ...record.work, lease: { holder, until: now + durationMs } },
      };
      if (!(await records.save(leased, newest))) throw superseded();
      until = now + durationMs;
    },
  };
}
