import type { ClusterId } from '@bud-monitoring/contracts';
import type { Entry, Store } from '../../ports.js';
import { createRefusalCheck } from './refused-writes.js';
import { clusterRecordSchema, recordKey, type ClusterRecord } from './record.js';

/** A record and the etag it was read with. */
export interface StoredRecord {
  record: ClusterRecord;
  etag: string;
}

/** A record that cannot be read: damaged, or written by a later version. Only its own cluster stops. */
export class UnreadableRecord extends Error {
  override readonly name = 'UnreadableRecord';
  readonly id: ClusterId;
  /** The etag to write over it with. */
  readonly etag: string;

  constructor(id: ClusterId, etag: string, reason: string) {
    super(
      `The stored record of the cluster cannot be read (${reason}): run the version that wrote it, or POST to provision the dashboards again, or DELETE to remove them`,
    );
    this.id = id;
    this.etag = etag;
  }
}

/** The records of all clusters, one key each. */
export interface Records {
  /** Throws `UnreadableRecord`. */
  get(id: ClusterId): Promise<StoredRecord | null>;
  /** Those that exist, in the order of `ids`. */
  getMany(ids: readonly ClusterId[]): Promise<(ClusterRecord | UnreadableRecord)[]>;
  /** Writes over what was read, or where nothing was; false when another writer came first. */
  save(record: ClusterRecord, read: { etag: string } | null): Promise<boolean>;
  /**
   * Applies `change` to the newest record until a write succeeds; null or the same record from `change`
   * writes nothing. A caller that has just `read` the record passes it to save the first read. Throws
   * `UnreadableRecord`.
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
export function createRecordStore({ store }: { store: Store }): Records {
  const get = async (id: ClusterId): Promise<StoredRecord | null> => {
    const entry = await store.get(recordKey(id));
    if (entry === null) return null;
    const record = parseRecord(id, entry);
    if (record instanceof UnreadableRecord) throw record;
    return { record, etag: entry.etag };
  };
  const save: Records['save'] = (record, read) =>
    store.save(recordKey(record.id), record, read === null ? 'absent' : { etag: read.etag });
  return {
    get,
    save,
    async getMany(ids) {
      const records: (ClusterRecord | UnreadableRecord)[] = [];
      for (let from = 0; from < ids.length; from += batchSize) {
        const batch = ids.slice(from, from + batchSize);
        const entries = await store.getMany(batch.map(recordKey));
        for (const id of batch) {
          const entry = entries.get(recordKey(id));
          if (entry !== undefined) records.push(parseRecord(id, entry));
        }
      }
      return records;
    },
    async update(id, change, read) {
      const checkRefusal = createRefusalCheck();
      for (let tries = 0; tries < maxTries; tries += 1) {
        const stored = tries === 0 && read !== undefined ? read : await get(id);
        const before = stored?.record ?? null;
        const after = change(before);
        if (after === null || after === before)
          return { record: before, changed: false, created: false };
        if (await save(after, stored))
          return { record: after, changed: true, created: before === null };
        checkRefusal(stored?.etag);
      }
      throw new Error('a record could not be written: too many others write it');
    },
  };
}

function parseRecord(id: ClusterId, { value, etag }: Entry): ClusterRecord | UnreadableRecord {
  const record = clusterRecordSchema.safeParse(value);
  if (record.success && record.data.id === id) return record.data;
  const issue = record.error?.issues[0];
  const reason = issue === undefined ? 'it is of another cluster' : issue.message;
  const path = issue?.path.join('.') ?? '';
  return new UnreadableRecord(id, etag, path === '' ? reason : `${path}: ${reason}`);
}

/** Divides what `getMany` read into the records and those that cannot be read. */
export function divideByReadability(read: readonly (ClusterRecord | UnreadableRecord)[]): {
  records: ClusterRecord[];
  unreadable: UnreadableRecord[];
} {
  const records: ClusterRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const one of read)
    if (one instanceof UnreadableRecord) unreadable.push(one);
    else records.push(one);
  return { records, unreadable };
}
