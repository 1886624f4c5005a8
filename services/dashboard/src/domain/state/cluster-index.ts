import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import type { Store } from '../../ports.js';
import { createLanes } from '../queue/keyed-queue.js';
import {
  emptyShard,
  shardKeyOf,
  shardKeys,
  shardSchema,
  withEntry,
  withoutEntry,
  type Shard,
} from './shards.js';

/** Finds clusters without looking at every key of the store. */
export interface ClusterIndex {
  /** Lists `id` as one whose record may have work open. */
  open(id: ClusterId): Promise<void>;
  /** Lists `ids` as done. The caller looks at their records once more afterwards. */
  close(ids: readonly ClusterId[]): Promise<void>;
  /** Lists `ids` no more. The caller looks at their records once more afterwards. */
  forget(ids: readonly ClusterId[]): Promise<void>;
  /** Every cluster there is a record of, sorted; `open` as `open` and `close` left it. */
  list(): Promise<{ id: ClusterId; open: boolean }[]>;
}

/** Other replicas write the same documents. */
const maxTries = 200;

export function createClusterIndex({ store }: { store: Store }): ClusterIndex {
  // One writer a document in this process: it need not race with itself.
  const lanes = createLanes();
  const change = (key: string, edit: (shard: Shard) => Shard) =>
    lanes.run(key, async () => {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const entry = await store.get(key);
        const before = entry === null ? emptyShard : shardSchema.parse(entry.value);
        const after = edit(before);
        if (after === before) return;
        const expected = entry === null ? 'absent' : { etag: entry.etag };
        if (await store.save(key, after, expected)) return;
      }
      throw new Error('the index could not be written: too many others write it');
    });
  const changeAll = async (
    ids: readonly ClusterId[],
    edit: (shard: Shard, id: ClusterId) => Shard,
  ) => {
    const byKey = new Map<string, ClusterId[]>();
    for (const id of ids) byKey.set(shardKeyOf(id), [...(byKey.get(shardKeyOf(id)) ?? []), id]);
    for (const [key, members] of byKey) await change(key, (shard) => members.reduce(edit, shard));
  };
  return {
    open: (id) => change(shardKeyOf(id), (shard) => withEntry(shard, id, true)),
    close: (ids) => changeAll(ids, (shard, id) => withEntry(shard, id, false)),
    forget: (ids) => changeAll(ids, withoutEntry),
    async list() {
      const entries = await store.getMany(shardKeys);
      const all = [...entries.values()].flatMap(({ value }) =>
        Object.entries(shardSchema.parse(value).clusters).map(([id, { open }]) => ({
          id: clusterIdSchema.parse(id),
          open,
        })),
      );
      return all.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
}
