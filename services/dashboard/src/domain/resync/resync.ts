import { eventTimeToMs } from '@bud-monitoring/cluster-events';
import type { ClusterId, DashboardStatus } from '@bud-monitoring/contracts';
import { StoreDown, type Clock, type Log } from '../../ports.js';
import type { Discovery } from '../discovery.js';
import type { ClusterIndex } from '../state/cluster-index.js';
import type { ClusterRecord } from '../state/record.js';
import type { Records } from '../state/records.js';
import { statusOf, type SharingPolicy } from '../state/desired.js';
import { isOpen } from '../reconcile/pending.js';
import type { Scheduler } from '../queue/scheduler.js';
import type { Turns } from '../lease/leader-lease.js';

/** How many clusters stand where. */
export type Survey = Record<DashboardStatus | 'deleted' | 'drifted', number>;

/** Finds work that no event brings: what is left open, and what drifted. */
export interface Passes {
  /** What a start needs: everything that is open at once, then a look at all. */
  start(): Promise<void>;
  /** What a tick of the timer needs: what is open, and a look at all when one is due. */
  tick(): Promise<void>;
  /** A look at all, since Grafana seems to have lost something; not too often. */
  again(): Promise<void>;
}

/** A look at every cluster is spread over a minute, or over more at 50 clusters a second. */
const spreadMs = 60_000;
const leastSpacingMs = 20;

/** How often a loss may lead to a look at all. */
const againEveryMs = 5 * 60_000;

/** How long a deletion outranks late events of before; its record stays, unlisted. */
const tombstoneMs = 30 * 86_400_000;

/** A tick that comes a little early is a tick all the same. */
const slackMs = 5_000;

export function createPasses(options: {
  index: ClusterIndex;
  records: Records;
  scheduler: Scheduler;
  turns: Turns;
  clock: Clock;
  log: Log;
  sharing: SharingPolicy;
  pendingEveryMs: number;
  driftEveryMs: number;
  /** Where clusters are found that no event announced; null where that is not wanted. */
  discovery: Discovery | null;
  onSurvey: (survey: Survey) => void;
  /** Called with each look at all clusters, for what else is to be looked at. */
  onLook: () => void;
  /** In [0, 1). */
  random: () => number;
}): Passes {
  const { index, records, scheduler, turns, clock, log, sharing } = options;
  const hasWork = (record: ClusterRecord) => isOpen(record, sharing, clock.now());

  async function open(force: boolean): Promise<void> {
    const all = await index.list();
    // One of those that are done stands for all: should it be gone, all are looked at.
    const done = all.filter((entry) => !entry.open);
    const witness = done[Math.floor(options.random() * done.length)];
    if (witness !== undefined) scheduler.wake(witness.id, { look: true });
    await workOn(
      all.filter((entry) => entry.open).map(({ id }) => id),
      force,
    );
  }

  async function workOn(ids: readonly ClusterId[], force: boolean): Promise<void> {
    if (ids.length === 0) return;
    const busy: ClusterRecord[] = [];
    const done: ClusterRecord[] = [];
    for (const record of await records.getMany(ids)) (hasWork(record) ? busy : done).push(record);
    for (const { id } of busy) scheduler.wake(id, { force });
    await settleThenLookAgain(done, (closed) => index.close(closed), hasWork);
  }

  /** Edits the index by what was read, and mends it where an event came in between. */
  async function settleThenLookAgain(
    read: readonly ClusterRecord[],
    edit: (ids: readonly ClusterId[]) => Promise<void>,
    isWrong: (record: ClusterRecord) => boolean,
  ): Promise<void> {
    if (read.length === 0) return;
    const ids = read.map(({ id }) => id);
    await edit(ids);
    for (const record of await records.getMany(ids)) {
      if (!isWrong(record)) continue;
      await index.open(record.id);
      scheduler.wake(record.id);
    }
  }

  /** A cluster that was deleted long ago, and of which nothing is left to do. */
  function isForgotten(record: ClusterRecord): boolean {
    const { life } = record.desired;
    const isOld = eventTimeToMs(life.time) < clock.now() - tombstoneMs;
    return life.state === 'deleted' && isOld && !hasWork(record);
  }

  async function all(): Promise<ClusterRecord[]> {
    options.onLook();
    const ids = (await index.list()).map(({ id }) => id);
    const listed = await records.getMany(ids);
    const old = listed.filter(isForgotten);
    await settleThenLookAgain(
      old,
      (gone) => index.forget(gone),
      (record) => !isForgotten(record),
    );
    const found = listed.filter((record) => !old.includes(record));
    options.onSurvey(survey(found, sharing, clock.now()));
    const spacing = Math.max(leastSpacingMs, Math.min(spreadMs / (found.length + 1), 250));
    const now = clock.now();
    found.forEach(({ id }, n) => scheduler.wake(id, { look: true }, now + Math.floor(n * spacing)));
    if (found.length > 0) log.info('all clusters are looked at', { clusters: found.length });
    return found;
  }

  /** The store of metrics being down stops nothing else. */
  async function discover(found: readonly ClusterRecord[]): Promise<void> {
    if (options.discovery === null) return;
    const known = new Set((await index.list()).map(({ id }) => id));
    const deleted = found.filter(({ desired }) => desired.life.state === 'deleted');
    try {
      await options.discovery.run({ known, deleted });
    } catch (error) {
      if (error instanceof StoreDown) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('clusters could not be looked for in the store of metrics', { reason });
    }
  }

  return {
    async start() {
      await open(true);
      await turns.take('all', options.driftEveryMs - slackMs);
      await all();
    },
    async again() {
      if (await turns.take('again', againEveryMs)) await all();
    },
    async tick() {
      const isOpenDue = await turns.take('open', options.pendingEveryMs - slackMs);
      if (isOpenDue) await open(false);
      const isAllDue = await turns.take('all', options.driftEveryMs - slackMs);
      const found = isAllDue ? await all() : [];
      if (isOpenDue || isAllDue) await discover(found);
    },
  };
}

function survey(found: readonly ClusterRecord[], sharing: SharingPolicy, now: number): Survey {
  const counts: Survey = { pending: 0, ready: 0, failed: 0, disabled: 0, deleted: 0, drifted: 0 };
  for (const record of found) {
    counts[statusOf(record, sharing, now) ?? 'deleted'] += 1;
    if (Object.values(record.observed.dashboards).some(({ drifted }) => drifted))
      counts.drifted += 1;
  }
  return counts;
}
