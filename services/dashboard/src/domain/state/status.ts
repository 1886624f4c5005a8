import type { DashboardStatus } from '@bud-monitoring/contracts';
import {
  dashboardsDesired,
  displayName,
  publicLinkDesired,
  type SharingPolicy,
} from './desired.js';
import type { ClusterRecord } from './record.js';

/** A text that changes with the desired state of Grafana, like `generation` in Kubernetes. */
export function desiredGeneration(
  record: ClusterRecord,
  policy: SharingPolicy,
  now: number,
): string {
  const { desired } = record;
  if (!dashboardsDesired(desired)) return 'none';
  const link = publicLinkDesired(desired, policy, now) ? `link ${desired.rotation}` : 'no link';
  return `${link} ${displayName(record)}`;
}

/** Whether Grafana was reconciled to the desired state of `now` (Unix ms). */
export function isReconciled(record: ClusterRecord, policy: SharingPolicy, now: number): boolean {
  return record.observed.target === desiredGeneration(record, policy, now);
}

/** The status in the API; null for a cluster that is deleted and of which nothing is left. */
export function dashboardStatus(
  record: ClusterRecord,
  policy: SharingPolicy,
  now: number,
): Exclude<DashboardStatus, 'orphaned'> | null {
  if (record.desired.life.state === 'deleted')
    return isReconciled(record, policy, now) ? null : 'deleting';
  if (!isReconciled(record, policy, now))
    return record.work.error?.lasting === true ? 'failed' : 'pending';
  return publicLinkDesired(record.desired, policy, now) ? 'ready' : 'disabled';
}
