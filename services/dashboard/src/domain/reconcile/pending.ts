import type { ClusterRecord } from '../state/record.js';
import { publicLinkDesired, type SharingPolicy } from '../state/desired.js';
import { isReconciled } from '../state/status.js';
import { outgoingEventFor } from '../events/outgoing-event.js';

/**
 * Whether something that is open to the public may have to be closed: this comes before all else when
 * Grafana can be used again.
 */
export function isRevocation(record: ClusterRecord, sharing: SharingPolicy, now: number): boolean {
  return !isReconciled(record, sharing, now) && !publicLinkDesired(record.desired, sharing, now);
}

/** Whether a record calls for a reconcile at `now` (Unix ms). */
export function isDue(record: ClusterRecord, sharing: SharingPolicy, now: number): boolean {
  const { doubtUntil, lease } = record.work;
  const outgoing = outgoingEventFor(record, { sharing, now, publicLinkUrl: null });
  return (
    lease !== null ||
    !isReconciled(record, sharing, now) ||
    (doubtUntil !== null && doubtUntil <= now) ||
    outgoing?.isNew === true
  );
}

/** Whether a record calls for a reconcile at `now` (Unix ms) or at a known time after it. */
export function isPending(record: ClusterRecord, sharing: SharingPolicy, now: number): boolean {
  const { expiresAt } = record.desired.sharing;
  return (
    isDue(record, sharing, now) ||
    record.work.doubtUntil !== null ||
    (expiresAt !== null && expiresAt > now)
  );
}

/** Unix ms of the next reconcile that a record calls for by itself; null for none. */
export function nextDueTime(
  record: ClusterRecord,
  sharing: SharingPolicy,
  now: number,
): number | null {
  const { nextTry, doubtUntil } = record.work;
  const { expiresAt } = record.desired.sharing;
  const times = [nextTry, doubtUntil, expiresAt !== null && expiresAt > now ? expiresAt : null];
  if (!isReconciled(record, sharing, now) && nextTry === null) times.push(now);
  const due = times.filter((time) => time !== null);
  return due.length === 0 ? null : Math.min(...due);
}
