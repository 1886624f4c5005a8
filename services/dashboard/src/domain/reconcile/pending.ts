import type { ClusterRecord } from '../state/record.js';
import { isSettled, type SharingPolicy } from '../state/desired.js';
import { announcementOf } from '../events/outgoing-event.js';

/** Whether a record says that there is something to do at `now` (Unix ms). */
export function isDue(record: ClusterRecord, sharing: SharingPolicy, now: number): boolean {
  const { doubtUntil, announced, lease } = record.work;
  const told = announcementOf(record, { sharing, now, linkOf: null });
  return (
    lease !== null ||
    !isSettled(record, sharing, now) ||
    (doubtUntil !== null && doubtUntil <= now) ||
    (told !== null && told.key !== announced)
  );
}

/** Whether there is something to do now or, as things stand, later. */
export function isOpen(record: ClusterRecord, sharing: SharingPolicy, now: number): boolean {
  const { expiresAt } = record.desired.sharing;
  return (
    isDue(record, sharing, now) ||
    record.work.doubtUntil !== null ||
    (expiresAt !== null && expiresAt > now)
  );
}

/** Unix ms when a record wants to be worked on again by itself; null when it does not. */
export function dueOf(record: ClusterRecord, sharing: SharingPolicy, now: number): number | null {
  const { nextTry, doubtUntil } = record.work;
  const { expiresAt } = record.desired.sharing;
  const times = [nextTry, doubtUntil, expiresAt !== null && expiresAt > now ? expiresAt : null];
  if (!isSettled(record, sharing, now) && nextTry === null) times.push(now);
  const due = times.filter((time) => time !== null);
  return due.length === 0 ? null : Math.min(...due);
}
