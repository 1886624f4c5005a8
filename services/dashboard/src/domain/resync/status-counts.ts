import type { DashboardStatus } from '@bud-monitoring/contracts';
import type { SharingPolicy } from '../state/desired.js';
import type { ClusterRecord } from '../state/record.js';
import { dashboardStatus } from '../state/status.js';

/** The number of clusters by status; `drifted` ones count under their status too. */
export type StatusCounts = Record<
  Exclude<DashboardStatus, 'orphaned'> | 'deleted' | 'drifted',
  number
>;

/** Counts the clusters by their status at `now` (Unix ms). */
export function countStatuses(
  records: readonly ClusterRecord[],
  sharing: SharingPolicy,
  now: number,
): StatusCounts {
  const counts: StatusCounts = {
    pending: 0,
    ready: 0,
    failed: 0,
    disabled: 0,
    deleting: 0,
    unreadable: 0,
    deleted: 0,
    drifted: 0,
  };
  for (const record of records) {
    counts[dashboardStatus(record, sharing, now) ?? 'deleted'] += 1;
    if (Object.values(record.observed.dashboards).some(({ drifted }) => drifted))
      counts.drifted += 1;
  }
  return counts;
}
