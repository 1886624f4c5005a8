import { UpstreamError } from '@bud-monitoring/client';
import type { StateStore } from '@bud-monitoring/client/dapr';
import type { ClusterId } from '@bud-monitoring/contracts';
import { mergeRecords } from '../domain/clusters/apply-event.js';
import { shardKey, shardKeys } from '../domain/document-shards.js';
import type { ClusterRecord, ClusterRegistry } from '../ports.js';

/** One key a cluster: transactions over several are not atomic in every store. */
const keyOf = (cluster: ClusterId) => `cluster:${cluster}`;

/** Makes them listable: the same records in a few index documents, never older there. */
const indexKind = 'clusters';
interface Index {
  readonly v: 1;
  readonly clusters: Readonly<Record<string, ClusterRecord>>;
}

/** Attempts of a write that lost a race, before the event is handed back; index documents have more writers. */
const maxAttempts = { record: 5, index: 30 };

/** The registry in the state store. Records of deleted clusters stay, so that a late event finds them. */
export function createClusterRegistry(store: StateStore): ClusterRegistry {
  /** Read-modify-write, retried when another writer was first; `null` from `change` leaves the value. */
  async function updateValue<T>(
    key: string,
    change: (current: T | null) => T | null,
    { attempts, signal }: { attempts: number; signal: AbortSignal | undefined },
  ): Promise<T | null> {
    for (let left = attempts; ; left -= 1) {
      const entry = await store.get<T>(key, signal);
      const next = change(entry?.value ?? null);
      if (next === null) return entry?.value ?? null;
      try {
        const own = entry === null ? { ifAbsent: true } : { etag: entry.etag };
        await store.save(key, next, { ...own, signal });
        return next;
      } catch (error) {
        const lost = error instanceof UpstreamError && error.code === 'conflict';
        if (!lost || left === 1) throw error;
      }
    }
  }

  return {
    async get(cluster, signal) {
      return (await store.get<ClusterRecord>(keyOf(cluster), signal))?.value ?? null;
    },
    async update(cluster, change, signal) {
      const record = await updateValue(keyOf(cluster), change, {
        attempts: maxAttempts.record,
        signal,
      });
      if (record === null) return;
      // Also where nothing changed: the writer of the record may have crashed before it got here.
      await updateValue<Index>(
        shardKey(indexKind, cluster),
        (index) => withRecord(index ?? { v: 1, clusters: {} }, record),
        { attempts: maxAttempts.index, signal },
      );
    },
    async list(signal) {
      const indexes = await store.getMany<Index>(shardKeys(indexKind), signal);
      return [...indexes.values()].flatMap(({ value }) => Object.values(value.clusters));
    },
  };
}

/** The index with a record; `null` where it says nothing new. Writers of a record may come here in any order. */
function withRecord(index: Index, record: ClusterRecord): Index | null {
  const known = index.clusters[record.clusterId];
  const merged = known === undefined ? record : mergeRecords(known, record);
  if (merged === null) return null;
  return { v: 1, clusters: { ...index.clusters, [record.clusterId]: merged } };
}
