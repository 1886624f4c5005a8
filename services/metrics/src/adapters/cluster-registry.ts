import { UpstreamError } from '@bud-monitoring/client';
import type { StateStore } from '@bud-monitoring/client/dapr';
import type { ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';
import { mergeRecords } from '../domain/clusters/apply-event.js';
import { isOfLaterVersion, parseRecord } from '../domain/clusters/record.js';
import { shardKey, shardKeys } from '../domain/document-shards.js';
import type { UnreadableValues } from '../domain/unreadable.js';
import type { ClusterRecord, ClusterRegistry } from '../ports.js';

/** One key a cluster: transactions over several are not atomic in every store. */
const keyOf = (cluster: ClusterId) => `cluster:${cluster}`;

/** Makes them listable: the same records in a few index documents, never older there. */
const indexKind = 'clusters';
/** Each entry is read apart; what a later version adds is kept. */
const indexSchema = z.looseObject({ clusters: z.record(z.string(), z.unknown()) });
type Index = z.infer<typeof indexSchema>;

/** Attempts of a write that lost a race, before the event is handed back; index documents have more writers. */
const maxAttempts = { record: 5, index: 30 };

/**
 * The registry in the state store. Records of deleted clusters stay, so that a late event finds them. One
 * that is damaged is begun anew by the next event; one of a later version is left, and `update` throws.
 */
export function createClusterRegistry(options: {
  store: StateStore;
  unreadable: UnreadableValues;
}): ClusterRegistry {
  const { store, unreadable } = options;

  function read(key: string, cluster: string, value: unknown): ClusterRecord | null {
    const record = parseRecord(value);
    unreadable.note(key, cluster, record !== null);
    return record;
  }

  function readIndex(key: string, value: unknown): Index | null {
    const index = indexSchema.safeParse(value).data ?? null;
    unreadable.note(key, 'all', index !== null);
    return index;
  }

  /** Read-modify-write, retried when another writer was first; `null` from `change` leaves the value. */
  async function updateValue(
    key: string,
    change: (current: unknown) => unknown,
    { attempts, signal }: { attempts: number; signal: AbortSignal | undefined },
  ): Promise<void> {
    for (let left = attempts; ; left -= 1) {
      const entry = await store.get(key, signal);
      const next = change(entry?.value);
      if (next === null) return;
      try {
        const own = entry === null ? { ifAbsent: true } : { etag: entry.etag };
        await store.save(key, next, { ...own, signal });
        return;
      } catch (error) {
        const lost = error instanceof UpstreamError && error.code === 'conflict';
        if (!lost || left === 1) throw error;
      }
    }
  }

  return {
    async get(cluster, signal) {
      const key = keyOf(cluster);
      const entry = await store.get(key, signal);
      return entry === null ? null : read(key, cluster, entry.value);
    },
    async update(cluster, change, signal) {
      const key = keyOf(cluster);
      const result: { record: ClusterRecord | null } = { record: null };
      await updateValue(
        key,
        (value) => {
          const current = value === undefined ? null : read(key, cluster, value);
          if (current === null && isOfLaterVersion(value))
            throw new Error('the stored record of the cluster was written by a later version');
          const next = change(current);
          result.record = next ?? current;
          return next;
        },
        { attempts: maxAttempts.record, signal },
      );
      const { record } = result;
      if (record === null) return;
      // Also where nothing changed: the writer of the record may have crashed before it got here.
      const indexKey = shardKey(indexKind, cluster);
      await updateValue(
        indexKey,
        (value = none) => {
          const index = readIndex(indexKey, value);
          if (index !== null) return withRecord(index, record);
          // A damaged one is begun anew, by the events to come.
          return isOfLaterVersion(value) ? null : withRecord(none, record);
        },
        { attempts: maxAttempts.index, signal },
      );
    },
    async list(signal) {
      const indexes = await store.getMany(shardKeys(indexKind), signal);
      return [...indexes].flatMap(([key, { value }]) =>
        Object.entries(readIndex(key, value)?.clusters ?? {}).flatMap(
          ([cluster, entry]) => read(key, cluster, entry) ?? [],
        ),
      );
    },
  };
}

const none: Index = { v: 1, clusters: {} };

/** The index with a record; `null` where it says nothing new. Writers of a record may come here in any order. */
function withRecord(index: Index, record: ClusterRecord): Index | null {
  const stored = index.clusters[record.clusterId];
  const known = parseRecord(stored);
  if (known === null && isOfLaterVersion(stored)) return null;
  const merged = known === null ? record : mergeRecords(known, record);
  if (merged === null) return null;
  return { ...index, clusters: { ...index.clusters, [record.clusterId]: merged } };
}
