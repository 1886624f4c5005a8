import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, EventPublisher, Grafana, Log, Meter } from '../../ports.js';
import type { CredentialsPause } from '../grafana/credentials-pause.js';
import { Failure } from '../grafana/failure.js';
import { createClusterLease } from '../lease/cluster-lease.js';
import { backoffMs } from '../queue/backoff.js';
import type { ConcurrencyLimit } from '../queue/concurrency-limit.js';
import type { ReconcileOptions } from '../queue/work-queue.js';
import { givenName } from '../state/desired.js';
import { UnreadableRecord, type Records, type StoredRecord } from '../state/record-store.js';
import type { Writer } from '../state/record.js';
import { desiredGeneration, isReconciled } from '../state/status.js';
import { applyCluster } from './apply-cluster.js';
import type { ReconcileSettings } from './context.js';
import { createOutcomeWriter, type Attempt } from './outcome-writer.js';
import { isDue, isRevocation, nextDueTime } from './pending.js';
import { isNewerWriter } from './writer.js';

/** Reconciles Grafana with the record of a cluster. Calls for one cluster must not overlap. */
export interface ClusterReconciler {
  /** Resolves with the Unix ms of the next reconcile; null when none is due. Throws `StoreDown`. */
  reconcile: (
    id: ClusterId,
    options: ReconcileOptions,
    signal: AbortSignal,
  ) => Promise<number | null>;
}

/** Least time before a retry where another writer came first; twice that at most. */
const contentionMs = 100;

/** How long after a pause everything waits that does not close what is public. */
const behindRevocationsMs = 10_000;

/** What a cluster reconciler works with. */
export interface ClusterReconcilerOptions {
  records: Records;
  grafana: Grafana;
  credentialsPause: CredentialsPause;
  settings: ReconcileSettings;
  /** This process, as the writer of dashboards. */
  writer: Writer;
  eventPublisher: EventPublisher;
  /** The public link of an access token; null where events must not carry it. */
  publicLinkUrl: ((token: string) => string) | null;
  clock: Clock;
  log: Log;
  meter: Meter;
  /** Differs for every process. */
  holder: string;
  /** Called after a transient failure of Grafana. */
  onTransientFailure: () => void;
  /** Called when Grafana accepts the credentials again, before the pause was over. */
  onCredentialsAccepted: () => void;
  /** Called when a dashboard that we wrote is missing in Grafana. */
  onDashboardMissing: () => void;
  /** In [0, 1). */
  random: () => number;
  /** Duration of the lease on a cluster. */
  leaseMs: number;
  /** How long an uncertain write may still take effect. */
  uncertainMs: number;
  /** Limits concurrent reconciles in Grafana; records are read and written outside of it. */
  limitGrafana: ConcurrencyLimit;
}

/** A reconciler over the records and Grafana. */
export function createClusterReconciler(options: ClusterReconcilerOptions): ClusterReconciler {
  const { records, settings, clock, holder, limitGrafana } = options;
  const { sharing } = settings;
  const outcomes = createOutcomeWriter({ ...options, sharing });

  return {
    async reconcile(id, { observe = false, part, force = false, ignorePause = false }, signal) {
      const stored = await readable(id);
      if (stored === null) return null;
      const { record } = stored;
      options.meter.clusterName(id, givenName(record));
      const now = clock.now();
      const { lease, nextTry } = record.work;
      const heldByOther = lease !== null && lease.holder !== holder;
      if (heldByOther && lease.until > now) return lease.until;
      if (!force && nextTry !== null && nextTry > now) return nextTry;
      if (!observe && !isDue(record, sharing, now)) return nextDueTime(record, sharing, now);
      const attempt: Attempt = {
        record,
        now,
        lease: createClusterLease({
          records,
          stored,
          holder,
          clock,
          durationMs: options.leaseMs,
        }),
        // The other holder of an expired lease was cut off in the middle of its reconcile.
        uncertain: heldByOther || record.work.doubtUntil !== null,
        uncertainUntil: heldByOther ? now + options.uncertainMs : record.work.doubtUntil,
        observed: {
          dashboards: { ...record.observed.dashboards },
          share: record.observed.share,
        },
      };
      try {
        const generation = desiredGeneration(record, sharing, now);
        const { uncertain, observed } = attempt;
        const acquireOrRenew = () => attempt.lease.acquireOrRenew();
        if (force) options.grafana.forgetPrerequisites();
        if (ignorePause) options.grafana.retryLogin();
        else await options.credentialsPause.check();
        // Where a write is certain, the lease is acquired before the concurrency limit is waited for.
        if (!isReconciled(record, sharing, now)) await acquireOrRenew();
        await limitGrafana(async () => {
          if (!ignorePause) await options.credentialsPause.check();
          const isOfNewer = isNewerWriter(record.observed.writer, options.writer);
          // Where something is to be done, everything is read.
          const only = part === undefined || uncertain || isDue(record, sharing, now) ? null : part;
          const context = {
            ...options,
            signal,
            uncertain,
            observed,
            acquireOrRenew,
            isOfNewer,
            only,
          };
          await applyCluster(context, record, now);
        });
        if (ignorePause) await acceptCredentials();
        return await recordSuccess(attempt, generation);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return await recordFailure(attempt, error);
      }
    },
  };

  /** Null too for a record that cannot be read: nothing is done for its cluster until it is reset. */
  async function readable(id: ClusterId): Promise<StoredRecord | null> {
    try {
      return await records.get(id);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      options.log.error('the record of a cluster cannot be read', {
        clusterId: id,
        reason: error.message,
      });
      return null;
    }
  }

  /** Ends the pause for all clusters: the credentials work again. */
  async function acceptCredentials(): Promise<void> {
    if (options.credentialsPause.pausedUntil === null) return;
    await options.credentialsPause.end();
    options.onCredentialsAccepted();
  }

  async function recordSuccess(attempt: Attempt, generation: string): Promise<number | null> {
    const { now, record } = attempt;
    if (record.observed.target !== generation && generation !== 'none')
      options.meter.provisioned((clock.now() - record.desired.since) / 1_000);
    const doubtUntil =
      attempt.uncertainUntil !== null && attempt.uncertainUntil <= now
        ? null
        : attempt.uncertainUntil;
    return outcomes.write(attempt, (newest) => ({
      ...newest,
      observed: {
        ...newest.observed,
        ...attempt.observed,
        target: generation,
        rotation: record.desired.rotation,
      },
      work: { ...newest.work, attempts: 0, nextTry: null, error: null, doubtUntil },
    }));
  }

  async function recordFailure(attempt: Attempt, failure: Failure): Promise<number | null> {
    const { record } = attempt;
    const now = clock.now();
    const doubtUntil = failure.uncertain ? now + options.uncertainMs : attempt.uncertainUntil;
    if (failure.kind === 'superseded') {
      if (attempt.lease.acquired)
        await outcomes.updateRecord(attempt, ({ work, ...rest }) => ({
          ...rest,
          work: { ...work, lease: null, doubtUntil },
        }));
      return now + contentionMs * (1 + options.random());
    }
    options.meter.failure(failure.code);
    if (failure.kind === 'unauthorized') await options.credentialsPause.begin();
    const { pausedUntil } = options.credentialsPause;
    const wasReconciled = isReconciled(record, sharing, now);
    // No account is locked by a token: it is refused in passing, or until it is replaced.
    const passing = failure.kind === 'unauthorized' && pausedUntil === null;
    const permanent = failure.kind !== 'transient' && !passing;
    if (!permanent) options.onTransientFailure();
    const fields = { clusterId: record.id, code: failure.code, reason: failure.message };
    if (permanent)
      options.log.error('a cluster cannot be reconciled until a person fixes the cause', fields);
    else options.log.warn('a reconcile failed and will be retried', fields);
    const attempts = record.work.attempts + 1;
    const waitMs = backoffMs({
      attempts,
      permanent,
      retryAfterMs: failure.retryAfterMs,
      random: options.random(),
    });
    // The end of the pause is the next try of all clusters, with a start for what must not stay public.
    const behindMs = isRevocation(record, sharing, now) ? 0 : behindRevocationsMs;
    const nextTry =
      failure.kind === 'unauthorized' && pausedUntil !== null ? pausedUntil + behindMs : null;
    // A cluster that was reconciled stays so when nothing was written and the failure may pass.
    if (
      wasReconciled &&
      failure.kind !== 'permanent' &&
      !attempt.lease.acquired &&
      !attempt.uncertain
    )
      return now + waitMs;
    return outcomes.write(attempt, (newest) => ({
      ...newest,
      // After part of a change Grafana is at no generation.
      observed: {
        ...newest.observed,
        ...attempt.observed,
        ...(attempt.lease.acquired && { target: null }),
      },
      work: {
        ...newest.work,
        attempts,
        nextTry: nextTry ?? now + waitMs,
        doubtUntil,
        error: { code: failure.code, message: failure.message, lasting: permanent, at: now },
      },
    }));
  }
}
