import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, Log, Store } from '../../ports.js';
import { createDeadLetterIndex, retentionDays, type IndexEntry } from './dead-letter-index.js';
import { deadLetterSchema, makeDeadLetter, type DeadLetter, type Refused } from './dead-letter.js';

/** How many dead letters are kept, and how many bytes of them; the oldest are dropped first. */
export interface DeadLetterLimits {
  count: number;
  bytes: number;
}

const defaultLimits: DeadLetterLimits = { count: 5_000, bytes: 64 * 1024 * 1024 };

/** Share of the limits that dropping leaves, so that not every new one drops another. */
const leftAfterDropping = 0.9;

/** How long, and how many, are known without asking the store. */
const recentMs = 60_000;
const maxRecent = 10_000;

const ttlSeconds = retentionDays * 86_400;

/** How many dead letters are kept, and the bytes of their stored messages. */
export interface DeadLetterTotals {
  count: number;
  bytes: number;
}

/** The dead letters in the state store. Every method throws `StoreDown`. */
export interface DeadLetters {
  /** Stores a message; the same message again changes nothing, and `isNew` is false then. */
  add(refused: Refused): Promise<{ deadLetter: DeadLetter; isNew: boolean }>;
  /** Null where there is none of that id, or no longer, or none that can be read. */
  get(id: string): Promise<DeadLetter | null>;
  markReplayed(deadLetter: DeadLetter): Promise<DeadLetter>;
  /** Deletes those of `ids`; resolves with how many were listed. */
  remove(ids: readonly string[]): Promise<number>;
  /** The ids of all that `maySee` lets through. */
  ids(maySee: (clusterId: ClusterId | null) => boolean): Promise<string[]>;
  /** One page, newest first; `after` is the last id of the page before. */
  list(options: {
    after: string | null;
    limit: number;
    maySee: (clusterId: ClusterId | null) => boolean;
  }): Promise<{ deadLetters: DeadLetter[]; next: string | null; total: number }>;
  totals(): Promise<DeadLetterTotals>;
}

const deadLetterKey = (id: string) => `dead-letter:${id}`;

const totalsOf = (entries: readonly IndexEntry[]): DeadLetterTotals => ({
  count: entries.length,
  bytes: entries.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
});

/** Dead letters in the state store, no more than `limits` of them but for a moment. */
export function createDeadLetterStore(options: {
  store: Store;
  clock: Clock;
  log: Log;
  limits?: DeadLetterLimits;
  onDropped: (count: number) => void;
}): DeadLetters {
  const { store, clock, log, limits = defaultLimits } = options;
  const index = createDeadLetterIndex({ store, clock });
  /** As last read, and what this replica added since; null before the first. */
  let known: DeadLetterTotals | null = null;
  let dropping: Promise<void> | null = null;
  /** Stored and listed of late, by when: what is refused comes again on the dead letter topic. */
  const recent = new Map<string, number>();

  function isRecent(id: string): boolean {
    return clock.now() - (recent.get(id) ?? -Infinity) < recentMs;
  }

  function noteRecent(id: string): void {
    for (const old of recent.keys()) {
      if (isRecent(old) && recent.size < maxRecent) break; // they are in the order of their times
      recent.delete(old);
    }
    recent.set(id, clock.now());
  }

  const isOver = ({ count, bytes }: DeadLetterTotals, share = 1) =>
    count > share * limits.count || bytes > share * limits.bytes;

  async function get(id: string): Promise<DeadLetter | null> {
    const entry = await store.get(deadLetterKey(id));
    const parsed = deadLetterSchema.safeParse(entry?.value);
    return parsed.success ? parsed.data : null;
  }

  async function entries(): Promise<IndexEntry[]> {
    const all = await index.list();
    known = totalsOf(all);
    return all;
  }

  /** Drops the oldest where there are too many. */
  async function dropOldest(): Promise<void> {
    const kept = await entries();
    const totals = totalsOf(kept);
    if (!isOver(totals)) return;
    const dropped: string[] = [];
    while (isOver(totals, leftAfterDropping)) {
      const oldest = kept.pop();
      if (oldest === undefined) break;
      totals.count -= 1;
      totals.bytes -= oldest.bytes ?? 0;
      dropped.push(oldest.id);
    }
    await remove(dropped);
    options.onDropped(dropped.length);
    log.warn('the oldest dead letters were dropped, since there are too many', {
      dropped: dropped.length,
    });
  }

  async function remove(ids: readonly string[]): Promise<number> {
    const removed = new Set(ids);
    for (const id of ids) recent.delete(id);
    const listed = (await index.list()).filter(({ id }) => removed.has(id)).length;
    // The index first: what is listed exists.
    await index.remove(removed);
    for (const id of removed) await store.delete(deadLetterKey(id));
    known = null;
    return listed;
  }

  return {
    get,
    remove,
    async add(refused) {
      const deadLetter = makeDeadLetter(refused, clock.now());
      const { id, clusterId } = deadLetter;
      if (isRecent(id)) return { deadLetter, isNew: false };
      const bytes = Buffer.byteLength(deadLetter.message);
      const isNew = await store.save(deadLetterKey(id), deadLetter, 'absent', ttlSeconds);
      const stored = isNew ? deadLetter : ((await get(id)) ?? deadLetter);
      await index.add({ id, clusterId, bytes }, stored.receivedAt);
      noteRecent(id);
      if (known === null) await entries();
      else if (isNew) known = { count: known.count + 1, bytes: known.bytes + bytes };
      if (known !== null && isOver(known))
        await (dropping ??= dropOldest().finally(() => (dropping = null)));
      return { deadLetter: stored, isNew };
    },
    async markReplayed(deadLetter) {
      const replayed = { ...deadLetter, replayedAt: clock.now() };
      const key = deadLetterKey(deadLetter.id);
      const { etag } = (await store.get(key)) ?? {};
      // Another replica may have marked or deleted it meanwhile: then there is nothing to add.
      if (etag !== undefined) await store.save(key, replayed, { etag }, ttlSeconds);
      return replayed;
    },
    async ids(maySee) {
      return (await entries()).filter(({ clusterId }) => maySee(clusterId)).map(({ id }) => id);
    },
    async list({ after, limit, maySee }) {
      const all = (await entries()).filter(({ clusterId }) => maySee(clusterId));
      const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const ids = all.slice(from, from + limit).map(({ id }) => id);
      const stored = await store.getMany(ids.map(deadLetterKey));
      const deadLetters = ids.flatMap((id) => {
        const parsed = deadLetterSchema.safeParse(stored.get(deadLetterKey(id))?.value);
        return parsed.success ? [parsed.data] : [];
      });
      const next = from + limit < all.length ? (ids.at(-1) ?? null) : null;
      return { deadLetters, next, total: all.length };
    },
    totals: async () => totalsOf(await entries()),
  };
}
