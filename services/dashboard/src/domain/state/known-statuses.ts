import type { ClusterId, DashboardStatus } from '@bud-monitoring/contracts';
import type { Clock } from '../../ports.js';
import type { ClusterIndex } from './cluster-index.js';
import type { SharingPolicy } from './desired.js';
import { UnreadableRecord, type Records } from './record-store.js';
import { dashboardStatus } from './status.js';

/** Clusters of one read. */
const batch = 200;
/** How long what was read is told again, ms: a count needs the records of all clusters. */
const keptMs = 15_000;

/** The status of each cluster that is not gone; the same read for all who ask meanwhile, and for 15 s. */
export function createKnownStatuses(options: {
  index: Pick<ClusterIndex, 'list'>;
  records: Pick<Records, 'getMany'>;
  sharing: SharingPolicy;
  clock: Clock;
}): () => Promise<ReadonlyMap<ClusterId, DashboardStatus>> {
  const { index, records, sharing, clock } = options;
  let last: { until: number; statuses: Promise<ReadonlyMap<ClusterId, DashboardStatus>> } | null =
    null;

  async function read(): Promise<ReadonlyMap<ClusterId, DashboardStatus>> {
    const ids = (await index.list()).map(({ id }) => id);
    const statuses = new Map<ClusterId, DashboardStatus>();
    for (let from = 0; from < ids.length; from += batch)
      for (const record of await records.getMany(ids.slice(from, from + batch))) {
        const isUnreadable = record instanceof UnreadableRecord;
        const status = isUnreadable ? 'unreadable' : dashboardStatus(record, sharing, clock.now());
        if (status !== null) statuses.set(record.id, status);
      }
    return statuses;
  }

  return () => {
    if (last !== null && clock.now() < last.until) return last.statuses;
    const reading = { until: clock.now() + keptMs, statuses: read() };
    last = reading;
    reading.statuses.catch(() => {
      // The next one asks anew.
      if (last === reading) last = null;
    });
    return reading.statuses;
  };
}
