import { isDeepStrictEqual } from 'node:util';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Announcer, Clock, Grafana, Log, Meter } from '../../ports.js';
import { backoffMs } from '../queue/backoff.js';
import { bring } from './apply-cluster.js';
import { Failure } from '../grafana/failure.js';
import type { Gate } from '../grafana/credentials-pause.js';
import type { Found, Settings } from './context.js';
import type { ClusterRecord } from '../state/record.js';
import type { Records } from '../state/records.js';
import { isSettled, targetOf } from '../state/desired.js';
import { announcementOf } from '../events/outgoing-event.js';
import { createLease, type Lease } from '../lease/cluster-lease.js';
import { dueOf, isDue } from './pending.js';
import type { Slots } from '../queue/concurrency-limit.js';

/** How a run is meant. */
export interface RunOptions {
  /** Look at Grafana even if nothing is known to be missing. */
  look?: boolean;
  /** Try even if the next try is not due. */
  force?: boolean;
}

/** Works on one cluster at a time; the caller sees to it that no two runs of one cluster overlap. */
export interface Work {
  /** Unix ms when the cluster wants the next run; null when it wants none. Throws `StoreDown`. */
  run: (id: ClusterId, options: RunOptions, signal: AbortSignal) => Promise<number | null>;
}

/** Wait before starting over where another came first; twice as long at most. */
const contentionMs = 100;

export interface WorkOptions {
  records: Records;
  grafana: Grafana;
  gate: Gate;
  settings: Settings;
  announcer: Announcer;
  /** Makes the public link of a token, where events may carry it. */
  linkOf: ((token: string) => string) | null;
  clock: Clock;
  log: Log;
  meter: Meter;
  /** Differs for every process. */
  holder: string;
  /** Called when Grafana failed in a way that may pass. */
  onTrouble: () => void;
  /** Called when a dashboard that we left in Grafana is not there any more. */
  onLost: () => void;
  /** In [0, 1). */
  random: () => number;
  leaseMs: number;
  /** How long a call that we gave up on may still have an effect. */
  doubtMs: number;
  /** Reading and writing records goes on beside what is done in these. */
  atGrafana: Slots;
}

export function createWork(options: WorkOptions): Work {
  const { records, settings, clock, holder, atGrafana } = options;
  const { sharing } = settings;

  return {
    async run(id, { look = false, force = false }, signal) {
      const stored = await records.get(id);
      if (stored === null) return null;
      const { record } = stored;
      const now = clock.now();
      const { lease, nextTry } = record.work;
      const foreign = lease !== null && lease.holder !== holder;
      if (foreign && lease.until > now) return lease.until;
      if (!force && nextTry !== null && nextTry > now) return nextTry;
      if (!look && !isDue(record, sharing, now)) return dueOf(record, sharing, now);
      const run: OneRun = {
        record,
        now,
        lease: createLease({ ...options, stored }),
        // Whoever held the lease died in the middle of its work.
        doubt: foreign || record.work.doubtUntil !== null,
        doubtUntil: foreign ? now + options.doubtMs : record.work.doubtUntil,
        found: {
          dashboards: { ...record.observed.dashboards },
          share: record.observed.share,
        },
      };
      try {
        const target = targetOf(record, sharing, now);
        const { doubt, found } = run;
        const hold = () => run.lease.hold();
        await options.gate.check();
        // Where something has to change anyway, nobody at Grafana waits for the lease.
        if (!isSettled(record, sharing, now)) await hold();
        await atGrafana(async () => {
          await options.gate.check();
          await bring({ ...options, signal, doubt, found, hold }, record, now);
        });
        return await succeed(run, target);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return await fail(run, error);
      }
    },
  };

  async function succeed(run: OneRun, target: string): Promise<number | null> {
    const { now, record } = run;
    if (record.observed.target !== target && target !== 'none')
      options.meter.provisioned((clock.now() - record.desired.since) / 1_000);
    const doubtUntil = run.doubtUntil !== null && run.doubtUntil <= now ? null : run.doubtUntil;
    return settle(run, (newest) => ({
      ...newest,
      observed: { ...run.found, target, rotation: record.desired.rotation },
      work: { ...newest.work, attempts: 0, nextTry: null, error: null, doubtUntil },
    }));
  }

  async function fail(run: OneRun, failure: Failure): Promise<number | null> {
    const { record } = run;
    const now = clock.now();
    const doubtUntil = failure.unsure ? now + options.doubtMs : run.doubtUntil;
    if (failure.kind === 'superseded') {
      if (run.lease.taken)
        await write(run, ({ work, ...rest }) => ({
          ...rest,
          work: { ...work, lease: null, doubtUntil },
        }));
      return now + contentionMs * (1 + options.random());
    }
    options.meter.failure(failure.code);
    if (failure.kind === 'unauthorized' && options.gate.pausedUntil === null)
      await options.gate.close();
    const settled = isSettled(record, sharing, now);
    const lasting = failure.kind !== 'transient';
    if (!lasting) options.onTrouble();
    const fields = { clusterId: record.id, code: failure.code, reason: failure.message };
    if (lasting) options.log.error('a cluster needs somebody to mend something', fields);
    else options.log.warn('a cluster has to wait for another try', fields);
    const attempts = record.work.attempts + 1;
    const waitMs = backoffMs({
      attempts,
      lasting,
      retryAfterMs: failure.retryAfterMs,
      random: options.random(),
    });
    // The end of the pause is the time for all: one of them will make the one try.
    const nextTry = failure.kind === 'unauthorized' ? options.gate.pausedUntil : null;
    // A look that failed for the moment is no news of a cluster that is as it should be.
    if (settled && failure.kind !== 'lasting' && !run.lease.taken && !run.doubt)
      return now + waitMs;
    return settle(run, (newest) => ({
      ...newest,
      // Half of a change is neither what was there nor what is wanted.
      observed: { ...newest.observed, ...run.found, ...(run.lease.taken && { target: null }) },
      work: {
        ...newest.work,
        attempts,
        nextTry: nextTry ?? now + waitMs,
        doubtUntil,
        error: { code: failure.code, message: failure.message, lasting, at: now },
      },
    }));
  }

  /** Tells what there is to tell, and writes what is new, with the lease given back. */
  async function settle(
    run: OneRun,
    change: (newest: ClusterRecord) => ClusterRecord,
  ): Promise<number | null> {
    const announced = await announce(change(run.record));
    const after = await write(run, (newest) => {
      const changed = change(newest);
      return { ...changed, work: { ...changed.work, lease: null, announced } };
    });
    return after === null ? null : dueOf(after, sharing, clock.now());
  }

  /** Without a lease nobody must have written since; with one, only the wish may have changed. */
  async function write(
    run: OneRun,
    change: (newest: ClusterRecord) => ClusterRecord,
  ): Promise<ClusterRecord | null> {
    const { record, lease } = run;
    const result = await records.update(record.id, (newest) => {
      if (newest === null) return null;
      const mine = lease.taken
        ? newest.work.lease?.holder === holder
        : isDeepStrictEqual(newest, record);
      if (!mine) return null;
      // A newer wish starts its tries anew.
      const fresh = isDeepStrictEqual(newest.desired, record.desired);
      const changed = change(newest);
      const after = fresh
        ? changed
        : { ...changed, work: { ...changed.work, attempts: 0, nextTry: null, error: null } };
      return isDeepStrictEqual(after, newest) ? null : after;
    });
    return result.record;
  }

  /** What the record should say was told. A broker that is down does not stop the work. */
  async function announce(record: ClusterRecord): Promise<string | null> {
    const due = announcementOf(record, { ...options, sharing, now: clock.now() });
    if (due === null || due.key === record.work.announced) return record.work.announced;
    try {
      await options.announcer.publish(due.topic, due.event);
      return due.key === 'removed' ? null : due.key;
    } catch {
      options.log.warn('an event about a dashboard could not be published', {
        clusterId: record.id,
        topic: due.topic,
      });
      return record.work.announced;
    }
  }
}

interface OneRun {
  record: ClusterRecord;
  now: number;
  lease: Lease;
  doubt: boolean;
  doubtUntil: number | null;
  found: Found;
}
