import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import type { Log, Store } from '../../ports.js';
import { createKeyedQueue } from '../queue/keyed-queue.js';
import { createRefusalCheck } from './refused-writes.js';
import {
  emptyShard,
  parseShard,
  shardKeyOf,
  shardKeys,
  withEntry,
  withoutEntry,
  type Shard,
} from './shards.js';

/** The index of all clusters, and of those whose record may be pending. */
export interface ClusterIndex {
  /** Lists `id` as one whose record may be pending. */
  markPending(id: ClusterId): Promise<void>;
  /** Lists `ids` as not pending. The caller reads their records once more afterwards. */
  markSettled(ids: readonly ClusterId[]): Promise<void>;
  /** Removes `ids` from the index. The caller reads their records once more afterwards. */
  remove(ids: readonly ClusterId[]): Promise<void>;
  /** Every cluster there is a record of, sorted by id. */
  list(): Promise<{ id: ClusterId; pending: boolean }[]>;
}

/** Other replicas write the same documents. */
const maxTries = 200;

/** The index in the state store, spread over several documents. */
export function createClusterIndex({ store, log }: { store: Store; log: Log }): ClusterIndex {
  // One writer per document in this process, so that it does not race with itself.
  const queue = createKeyedQueue();
  /** A document that cannot be read is begun anew: events and orphans list its clusters again. */
  const parse = (key: string, value: unknown): Shard => {
    const shard = parseShard(value);
    if (shard === null) log.error('a part of the index cannot be read and is begun anew', { key });
    return shard ?? emptyShard;
  };

  const change = (key: string, edit: (shard: Shard) => Shard) =>
    queue.run(key, async () => {
      const checkRefusal = createRefusalCheck();
      for (let tries = 0; tries < maxTries; tries += 1) {
        const entry = await store.get(key);
        const before = entry === null ? emptyShard : parse(key, entry.value);
        const after = edit(before);
        if (after === before) return;
        const expected = entry === null ? 'absent' : { etag: entry.etag };
        if (await store.save(key, after, expected)) return;
        checkRefusal(entry?.etag);
      }
      throw new Error('the index could not be written: too many others write it');
    });
  const changeAll = async (
    ids: readonly ClusterId[],
    edit: (shard: Shard, id: ClusterId) => Shard,
  ) => {
    const byKey = new Map<string, ClusterId[]>();
    for (const id of ids) byKey.set(shardKeyOf(id), [...(byKey.get(shardKeyOf(id)) ?? []), id]);
    for (const [key, group] of byKey) await change(key, (shard) => group.reduce(edit, shard));
  };
  return {
    markPending: (id) => change(shardKeyOf(id), (shard) => withEntry(shard, id, true)),
    markSettled: (ids) => changeAll(ids, (shard, id) => withEntry(shard, id, false)),
    remove: (ids) => changeAll(ids, withoutEntry),
    async list() {
      const entries = await store.getMany(shardKeys);
      const all = [...entries].flatMap(([key, { value }]) =>
        Object.entries(parse(key, value).clusters).flatMap(([text, { open: pending }]) => {
          const id = clusterIdSchema.safeParse(text);
          return id.success ? [{ id: id.data, pending }] : [];
        }),
      );
      return all.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
}
