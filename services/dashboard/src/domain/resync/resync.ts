import { eventTimeToMs } from '@bud-monitoring/cluster-events';
import type { ClusterId } from '@bud-monitoring/contracts';
import { StoreDown, type Clock, type Log } from '../../ports.js';
import type { Discovery } from '../discovery.js';
import type { RoundClaim } from '../lease/round-claim.js';
import { Failure } from '../grafana/failure.js';
import type { ReconcileOptions, WorkQueue } from '../queue/work-queue.js';
import { isPending, isRevocation } from '../reconcile/pending.js';
import type { ClusterIndex } from '../state/cluster-index.js';
import type { SharingPolicy } from '../state/desired.js';
import type { ClusterRecord } from '../state/record.js';
import { divideByReadability, type Records } from '../state/record-store.js';
import type { FleetCheck } from './fleet-check.js';
import { countStatuses, type StatusCounts } from './status-counts.js';

/** Queues reconciles without an event: of pending clusters, and of all, which may have drifted. */
export interface Resync {
  /** At the start: all pending clusters at once, then a full resync. */
  start(): Promise<void>;
  /** On a tick of the cron binding: pending clusters, and a full resync, each at its interval. */
  tick(): Promise<void>;
  /** A full resync, since Grafana seems to have lost dashboards; not more than once in five minutes. */
  requestFullResync(): Promise<void>;
}

/** A full resync is spread over a minute, or over more at 50 clusters per second. */
const spreadMs = 60_000;
const minSpacingMs = 20;

/** Least time between two full resyncs on request. */
const requestedResyncIntervalMs = 5 * 60_000;

/** How long a deleted cluster stays in the index; its record stays for good and outranks late events. */
const tombstoneMs = 30 * 86_400_000;

/** How much earlier than its interval a tick may come and still count. */
const slackMs = 5_000;

/** A resync that the replicas share by leader leases. */
export function createResync(options: {
  index: ClusterIndex;
  records: Records;
  workQueue: WorkQueue;
  roundClaim: RoundClaim;
  clock: Clock;
  log: Log;
  sharing: SharingPolicy;
  pendingIntervalMs: number;
  driftIntervalMs: number;
  /** Finds clusters without an event; null where that is switched off. */
  discovery: Discovery | null;
  onStatusCounts: (counts: StatusCounts) => void;
  fleetCheck: FleetCheck;
  /** Clusters up to which all of each is read; of more, a part of each that is as recorded. */
  wholeReadLimit: number;
  /** Called at the start of each full resync, for what else is to be reconciled. */
  onFullResync: () => void;
  /** In [0, 1). */
  random: () => number;
}): Resync {
  const { index, records, workQueue, roundClaim, clock, log, sharing } = options;
  const isStillPending = (record: ClusterRecord) => isPending(record, sharing, clock.now());
  const readMany = async (ids: readonly ClusterId[]) =>
    divideByReadability(await records.getMany(ids));

  async function resyncPending(force: boolean): Promise<void> {
    const all = await index.list();
    // A sample of the settled clusters: should its dashboards be missing, a full resync follows.
    const settled = all.filter((entry) => !entry.pending);
    const sample = settled[Math.floor(options.random() * settled.length)];
    if (sample !== undefined) workQueue.enqueue(sample.id, { observe: true });
    await enqueuePending(
      all.filter((entry) => entry.pending).map(({ id }) => id),
      force,
    );
  }

  async function enqueuePending(ids: readonly ClusterId[], force: boolean): Promise<void> {
    if (ids.length === 0) return;
    const pending: ClusterRecord[] = [];
    const settled: ClusterRecord[] = [];
    for (const record of (await readMany(ids)).records)
      (isStillPending(record) ? pending : settled).push(record);
    const isLater = (record: ClusterRecord) => !isRevocation(record, sharing, clock.now());
    pending.sort((a, b) => Number(isLater(a)) - Number(isLater(b)));
    for (const { id } of pending) workQueue.enqueue(id, { force });
    await editIndexAndRecheck(settled, (read) => index.markSettled(read), isStillPending);
  }

  /** Edits the index by the records that were read, and corrects it where an event came in between. */
  async function editIndexAndRecheck(
    read: readonly ClusterRecord[],
    edit: (ids: readonly ClusterId[]) => Promise<void>,
    isWrong: (record: ClusterRecord) => boolean,
  ): Promise<void> {
    if (read.length === 0) return;
    const ids = read.map(({ id }) => id);
    await edit(ids);
    for (const record of (await readMany(ids)).records) {
      if (!isWrong(record)) continue;
      await index.markPending(record.id);
      workQueue.enqueue(record.id);
    }
  }

  /** Whether a cluster was deleted long ago and is settled. */
  function isExpired(record: ClusterRecord): boolean {
    const { life } = record.desired;
    const isOld = eventTimeToMs(life.time) < clock.now() - tombstoneMs;
    return life.state === 'deleted' && isOld && !isStillPending(record);
  }

  /** What of each cluster is read; nothing of one that is deleted where a search finds nothing. */
  async function readsOf(
    listed: readonly ClusterRecord[],
  ): Promise<{ id: ClusterId; read: ReconcileOptions }[]> {
    const whole = ({ id }: ClusterRecord) => ({ id, read: { observe: true } });
    if (listed.length <= options.wholeReadLimit) return listed.map(whole);
    let suspects: Set<ClusterId>;
    try {
      suspects = await options.fleetCheck.suspects(listed);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // The first cluster that is read meets the same.
      suspects = new Set();
    }
    // By the time, so that replicas go on where another has ended.
    const part = Math.floor(clock.now() / options.driftIntervalMs);
    return listed.flatMap((record) => {
      if (suspects.has(record.id) || isStillPending(record)) return [whole(record)];
      const isDeleted = record.desired.life.state === 'deleted';
      return isDeleted ? [] : [{ id: record.id, read: { observe: true, part } }];
    });
  }

  async function resyncAll(): Promise<ClusterRecord[]> {
    options.onFullResync();
    const ids = (await index.list()).map(({ id }) => id);
    const { records: listed, unreadable } = await readMany(ids);
    for (const { id, message } of unreadable)
      log.error('the record of a cluster cannot be read', { clusterId: id, reason: message });
    const expired = listed.filter(isExpired);
    await editIndexAndRecheck(
      expired,
      (read) => index.remove(read),
      (record) => !isExpired(record),
    );
    const remaining = listed.filter((record) => !expired.includes(record));
    options.onStatusCounts({
      ...countStatuses(remaining, sharing, clock.now()),
      unreadable: unreadable.length,
    });
    const toRead = await readsOf(remaining);
    const spacing = Math.max(minSpacingMs, Math.min(spreadMs / (toRead.length + 1), 250));
    const now = clock.now();
    toRead.forEach(({ id, read }, n) => workQueue.enqueue(id, read, now + Math.floor(n * spacing)));
    if (remaining.length > 0) log.info('a full resync started', { clusters: remaining.length });
    return remaining;
  }

  /** A metric store that is down stops nothing else. */
  async function discover(resynced: readonly ClusterRecord[]): Promise<void> {
    if (options.discovery === null) return;
    const known = new Set((await index.list()).map(({ id }) => id));
    const deleted = resynced.filter(({ desired }) => desired.life.state === 'deleted');
    try {
      await options.discovery.run({ known, deleted });
    } catch (error) {
      if (error instanceof StoreDown) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('clusters could not be discovered in the metric store', { reason });
    }
  }

  return {
    async start() {
      await resyncPending(true);
      await roundClaim.acquire('all', options.driftIntervalMs - slackMs);
      await resyncAll();
    },
    async requestFullResync() {
      if (await roundClaim.acquire('again', requestedResyncIntervalMs)) await resyncAll();
    },
    async tick() {
      const isPendingDue = await roundClaim.acquire('open', options.pendingIntervalMs - slackMs);
      if (isPendingDue) await resyncPending(false);
      const isFullDue = await roundClaim.acquire('all', options.driftIntervalMs - slackMs);
      const resynced = isFullDue ? await resyncAll() : [];
      if (isPendingDue || isFullDue) await discover(resynced);
    },
  };
}
