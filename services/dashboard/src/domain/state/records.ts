import type { ClusterId } from '@bud-monitoring/contracts';
import type { Log, Store } from '../../ports.js';
import { clusterRecordSchema, recordKey, type ClusterRecord } from './record.js';

/** A record and the etag it was read with. */
export interface StoredRecord {
  record: ClusterRecord;
  etag: string;
}

/** The records of all clusters, one key each. */
export interface Records {
  get(id: ClusterId): Promise<StoredRecord | null>;
  /** Those that exist; one that cannot be parsed is logged and left out, so that it stops no other. */
  getMany(ids: readonly ClusterId[]): Promise<ClusterRecord[]>;
  /** Writes over what was read, or where nothing was; false when another writer came first. */
  save(record: ClusterRecord, read: { etag: string } | null): Promise<boolean>;
  /**
   * Applies `change` to the newest record until a write succeeds; null or the same record from `change`
   * writes nothing. A caller that has just `read` the record passes it to save the first read.
   */
  update(
    id: ClusterId,
    change: (record: ClusterRecord | null) => ClusterRecord | null,
    read?: StoredRecord | null,
  ): Promise<UpdateResult>;
}

/** The record after an update; `created` where there was none before. */
export interface UpdateResult {
  record: ClusterRecord | null;
  changed: boolean;
  created: boolean;
}

/** Writers of one record are few: an event, a request, the reconciler. */
const maxTries = 50;

/** Ids in one bulk read. */
const batchSize = 200;

/** The records in the state store. */
export function createRecords({ store, log }: { store: Store; log: Log }): Records {
  const get = async (id: ClusterId): Promise<StoredRecord | null> => {
    const entry = await store.get(recordKey(id));
    return entry === null
      ? null
      : { record: clusterRecordSchema.parse(entry.value), etag: entry.etag };
  };
  const save: Records['save'] = (record, read) =>
    store.save(recordKey(record.id), record, read === null ? 'absent' : { etag: read.etag });
  return {
    get,
    save,
    async getMany(ids) {
      const records: ClusterRecord[] = [];
      for (let from = 0; from < ids.length; from += batchSize) {
        const keys = ids.slice(from, from + batchSize).map(recordKey);
        const entries = await store.getMany(keys);
        for (const key of keys) {
          const entry = entries.get(key);
          if (entry === undefined) continue;
          const record = clusterRecordSchema.safeParse(entry.value);
          if (record.success) records.push(record.data);
          else log.error('a record cannot be read', { key, reason: record.error.message });
        }
      }
      return records;
    },
    async update(id, change, read) {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const stored = tries === 0 && read !== undefined ? read : await get(id);
        const before = stored?.record ?? null;
        const after = change(before);
        if (after === null || after === before)
          return { record: before, changed: false, created: false };
        if (await save(after, stored))
          return { record: after, changed: true, created: before === null };
      }
      throw new Error('a record could not be written: too many others write it');
    },
  };
}
