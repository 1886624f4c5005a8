import { isDeepStrictEqual } from 'node:util';
import { topics } from '@bud-monitoring/contracts';
import type { Clock, EventPublisher, Log } from '../../ports.js';
import { outgoingEventFor } from '../events/outgoing-event.js';
import type { ClusterLease } from '../lease/cluster-lease.js';
import type { SharingPolicy } from '../state/desired.js';
import type { ClusterRecord, ReconcileState } from '../state/record.js';
import type { Records } from '../state/record-store.js';
import type { ObservedResources } from './context.js';
import { nextDueTime } from './pending.js';

/** One reconcile of one cluster. */
export interface Attempt {
  /** The record as it was read. */
  record: ClusterRecord;
  /** Unix ms at which the record was read. */
  now: number;
  lease: ClusterLease;
  /** An earlier reconcile may have written more to Grafana than the record says. */
  uncertain: boolean;
  /** Unix ms until which an uncertain write may still take effect. */
  uncertainUntil: number | null;
  observed: ObservedResources;
}

/** Writes the outcome of a reconcile to the record of its cluster. */
export interface OutcomeWriter {
  /**
   * Publishes the event that the changed record calls for, applies `change` and releases the lease.
   * Resolves with the Unix ms of the next reconcile; null when none is due.
   */
  write(attempt: Attempt, change: (newest: ClusterRecord) => ClusterRecord): Promise<number | null>;
  /**
   * Applies `change` to the newest record. Without the lease nothing may have been written since it was
   * read; with it, only the desired state may have changed. Resolves with the record as it then stands.
   */
  updateRecord(
    attempt: Attempt,
    change: (newest: ClusterRecord) => ClusterRecord,
  ): Promise<ClusterRecord | null>;
}

/** A writer for the replica `holder`. */
export function createOutcomeWriter(options: {
  records: Records;
  eventPublisher: EventPublisher;
  publicLinkUrl: ((token: string) => string) | null;
  clock: Clock;
  log: Log;
  holder: string;
  sharing: SharingPolicy;
}): OutcomeWriter {
  const { records, eventPublisher, publicLinkUrl, clock, log, holder, sharing } = options;

  async function write(
    attempt: Attempt,
    change: (newest: ClusterRecord) => ClusterRecord,
  ): Promise<number | null> {
    const announced = await publishEvent(change(attempt.record));
    const after = await updateRecord(attempt, (newest) => {
      const changed = change(newest);
      return { ...changed, work: { ...changed.work, ...announced, lease: null } };
    });
    return after === null ? null : nextDueTime(after, sharing, clock.now());
  }

  async function updateRecord(
    attempt: Attempt,
    change: (newest: ClusterRecord) => ClusterRecord,
  ): Promise<ClusterRecord | null> {
    const { record, lease } = attempt;
    const result = await records.update(record.id, (newest) => {
      if (newest === null) return null;
      const isOurs = lease.acquired
        ? newest.work.lease?.holder === holder
        : isDeepStrictEqual(newest, record);
      if (!isOurs) return null;
      // A newer desired state resets the backoff.
      const isCurrent = isDeepStrictEqual(newest.desired, record.desired);
      const changed = change(newest);
      const after = isCurrent
        ? changed
        : { ...changed, work: { ...changed.work, attempts: 0, nextTry: null, error: null } };
      return isDeepStrictEqual(after, newest) ? null : after;
    });
    return result.record;
  }

  /** What to record as published last. A broker that is down does not stop the reconcile. */
  async function publishEvent(record: ClusterRecord): Promise<Partial<ReconcileState>> {
    const outgoing = outgoingEventFor(record, { sharing, now: clock.now(), publicLinkUrl });
    if (outgoing?.isNew !== true) return {};
    try {
      await eventPublisher.publish(outgoing.topic, outgoing.event);
      const { share } = record.observed;
      switch (outgoing.topic) {
        case topics.dashboardProvisioned:
          return {
            announced: outgoing.key,
            announcedLink: share === null ? null : { uid: share.uid, enabled: share.isEnabled },
          };
        case topics.dashboardRemoved:
          return { announced: null, announcedLink: null };
        default:
          return { announced: outgoing.key };
      }
    } catch {
      log.warn('an event about a dashboard could not be published', {
        clusterId: record.id,
        topic: outgoing.topic,
      });
      return {};
    }
  }

  return { write, updateRecord };
}
