import type { DashboardStatus } from '@bud-monitoring/contracts';
import type { ClusterRecord, Desired } from './record.js';

/** Whether dashboards may have public links at all. */
export interface SharingPolicy {
  allowed: boolean;
}

/** Whether the dashboards of this cluster should exist. */
export function wantsDashboards({ life, dashboards }: Desired): boolean {
  return life.state === 'living' && dashboards === 'wanted';
}

/** Whether the public link should work at `now` (Unix ms). */
export function wantsLink(desired: Desired, policy: SharingPolicy, now: number): boolean {
  const { enabled, expiresAt } = desired.sharing;
  return (
    wantsDashboards(desired) && policy.allowed && enabled && (expiresAt === null || now < expiresAt)
  );
}

/** The name the cluster goes by: its id until an event names it. */
export function nameOf({ id, desired }: Pick<ClusterRecord, 'id' | 'desired'>): string {
  return desired.name?.value ?? id;
}

/** A text that changes whenever Grafana has to look different for this cluster. */
export function targetOf(record: ClusterRecord, policy: SharingPolicy, now: number): string {
  const { desired } = record;
  if (!wantsDashboards(desired)) return 'none';
  const link = wantsLink(desired, policy, now) ? `link ${desired.rotation}` : 'no link';
  return `${link} ${nameOf(record)}`;
}

/** Whether Grafana was brought to what is wanted now. */
export function isSettled(record: ClusterRecord, policy: SharingPolicy, now: number): boolean {
  return record.observed.target === targetOf(record, policy, now);
}

/** The status to answer with; null for a cluster that is gone. */
export function statusOf(
  record: ClusterRecord,
  policy: SharingPolicy,
  now: number,
): DashboardStatus | null {
  if (record.desired.life.state === 'deleted') return null;
  if (!isSettled(record, policy, now))
    return record.work.error?.lasting === true ? 'failed' : 'pending';
  return wantsLink(record.desired, policy, now) ? 'ready' : 'disabled';
}
