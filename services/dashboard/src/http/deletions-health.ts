import type { ComponentCheck } from '@bud-monitoring/service-kit';
import type { ClusterIndex } from '../domain/state/cluster-index.js';
import { divideByReadability, type Records } from '../domain/state/record-store.js';
import { dashboardStatus } from '../domain/state/status.js';
import type { SharingPolicy } from '../domain/state/desired.js';
import type { Clock } from '../ports.js';

/** How long a deletion may take before somebody should look: until then a public link may open. */
const overdueMs = 15 * 60_000;

/** Pending clusters that are looked at: after an outage all may be pending. */
const maxLooked = 1_000;

/** Unhealthy while the deletion of a cluster's dashboards has not gone through for long. */
export function createDeletionsHealth(options: {
  index: ClusterIndex;
  records: Records;
  sharing: SharingPolicy;
  clock: Clock;
}): ComponentCheck {
  const { index, records, sharing, clock } = options;
  return async () => {
    const now = clock.now();
    const pending = (await index.list()).filter((entry) => entry.pending).map(({ id }) => id);
    const read = divideByReadability(await records.getMany(pending.slice(0, maxLooked)));
    const since = read.records
      .filter((record) => dashboardStatus(record, sharing, now) === 'deleting')
      .map(({ desired }) => desired.since);
    const oldest = since.length === 0 ? null : Math.min(...since);
    const details = {
      deleting: since.length,
      oldest_since: oldest === null ? null : new Date(oldest).toISOString(),
    };
    if (oldest === null || now - oldest < overdueMs) return { status: 'healthy', details };
    const reason = 'Dashboards of deleted clusters cannot be removed: see GET /dashboards';
    return { status: 'unhealthy', details: { ...details, reason } };
  };
}
