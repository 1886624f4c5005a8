import { clusterIdSchema } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Clock, Store } from '../../ports.js';
import { createRefusalCheck } from '../state/refused-writes.js';
import { createKeyedQueue } from '../queue/keyed-queue.js';

const hourMs = 3_600_000;
const daySeconds = 86_400;
/** How long a dead letter is stored. */
export const retentionDays = 30;

const entrySchema = z.looseObject({
  id: z.string(),
  clusterId: clusterIdSchema.nullable(),
  /** Bytes that are stored; absent in records of earlier versions. */
  bytes: z.number().optional(),
});
/** One dead letter as the index lists it. */
export type IndexEntry = z.infer<typeof entrySchema>;

/** The dead letters of one hour; an entry that cannot be read is dropped. */
const hourSchema = z
  .looseObject({ letters: z.array(z.unknown()) })
  .transform(({ letters }) =>
    letters.flatMap((entry) => {
      const parsed = entrySchema.safeParse(entry);
      return parsed.success ? [parsed.data] : [];
    }),
  )
  .catch([]);

/** Which dead letters there are: one document for each hour in which some were received. */
export interface DeadLetterIndex {
  /** Lists a dead letter under the hour of `receivedAt` (Unix ms), unless it is listed there. */
  add(entry: IndexEntry, receivedAt: number): Promise<void>;
  /** Drops entries from the documents they are in. */
  remove(ids: ReadonlySet<string>): Promise<void>;
  /** All entries, newest first. */
  list(): Promise<IndexEntry[]>;
}

const hourKey = (ms: number) => `dead-letters:${new Date(ms).toISOString().slice(0, 13)}`;

/** The index in the state store. Every method throws `StoreDown`. */
export function createDeadLetterIndex(options: { store: Store; clock: Clock }): DeadLetterIndex {
  const { store, clock } = options;
  const queue = createKeyedQueue();
  const waiting = new Map<string, IndexEntry[]>();

  /** One writer for each document in this process; other replicas are met by the etag. */
  async function change(key: string, edit: (entries: IndexEntry[]) => IndexEntry[]): Promise<void> {
    const checkRefusal = createRefusalCheck();
    for (;;) {
      const stored = await store.get(key);
      const before = hourSchema.parse(stored?.value);
      const letters = edit(before);
      if (letters.length === before.length) return;
      const expected = stored === null ? 'absent' : { etag: stored.etag };
      if (await store.save(key, { v: 1, letters }, expected, (retentionDays + 1) * daySeconds))
        return;
      checkRefusal(stored?.etag);
    }
  }

  async function hours(): Promise<{ key: string; entries: IndexEntry[] }[]> {
    const now = clock.now();
    const length = (retentionDays + 1) * 24;
    const keys = Array.from({ length }, (_, n) => hourKey(now - n * hourMs));
    const stored = await store.getMany(keys);
    return keys.flatMap((key) => {
      const hour = stored.get(key);
      return hour === undefined ? [] : [{ key, entries: hourSchema.parse(hour.value) }];
    });
  }

  return {
    add(entry, receivedAt) {
      const key = hourKey(receivedAt);
      waiting.set(key, [...(waiting.get(key) ?? []), entry]);
      // Those that wait for the document are written at once: a flood would write it for each.
      return queue.run(key, async () => {
        const added = waiting.get(key) ?? [];
        waiting.delete(key);
        if (added.length === 0) return;
        await change(key, (entries) => {
          const listed = new Set(entries.map(({ id }) => id));
          return [...entries, ...added.filter(({ id }) => !listed.has(id))];
        });
      });
    },
    async remove(ids) {
      for (const { key, entries } of await hours())
        if (entries.some(({ id }) => ids.has(id)))
          await queue.run(key, () =>
            change(key, (current) => current.filter(({ id }) => !ids.has(id))),
          );
    },
    async list() {
      return (await hours()).flatMap(({ entries }) => entries.reverse());
    },
  };
}
