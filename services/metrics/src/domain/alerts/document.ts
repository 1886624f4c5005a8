import { alertEventSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Documents, Entry, OutgoingEvent } from '../../ports.js';
import { shardKey, shardKeys } from '../document-shards.js';
import type { UnreadableValues } from '../unreadable.js';
import { alertRecordSchema, type AlertRecord } from './record.js';

const version = 1;

/** Clusters and events are read apart, so that what cannot be read costs its own cluster only. */
const storedSchema = z.looseObject({
  v: z.literal(version),
  clusters: z.record(z.string(), z.unknown()),
  outbox: z.array(z.unknown()),
});
type Stored = z.infer<typeof storedSchema>;

const recordsSchema = z.array(alertRecordSchema);
const eventSchema = z.object({ id: z.string(), time: z.number(), event: alertEventSchema });

/**
 * The alerts of some clusters, and their events that are not published yet. Both are written at once, so
 * that no change is lost however the process ends, and none is published that did not happen.
 */
export interface AlertDocument {
  readonly clusters: Readonly<Record<string, readonly AlertRecord[]>>;
  readonly outbox: readonly OutgoingEvent[];
  /** What this version cannot read of it: clusters that are not evaluated, and events for a later one. */
  readonly unread: Stored;
}

/** A document that is stored, or may be. */
export interface StoredDocument {
  readonly document: AlertDocument;
  /** What a save must find: the etag read, or nothing. */
  readonly expected: { readonly etag: string } | 'absent';
}

/** The documents in the state store. */
export interface AlertDocuments {
  /** The document of a key, an empty one where it is not written yet; null for one of a later version. */
  read(key: string, signal: AbortSignal): Promise<StoredDocument | null>;
  /** All documents by key, but for those of a later version. */
  readAll(signal: AbortSignal): Promise<ReadonlyMap<string, StoredDocument>>;
  /** Those of some keys. */
  readMany(
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, StoredDocument>>;
  /** False when another writer came first. */
  save(
    key: string,
    document: AlertDocument,
    expected: StoredDocument['expected'],
    signal: AbortSignal,
  ): Promise<boolean>;
}

const kind = 'alerts';
const nothing: Stored = { v: version, clusters: {}, outbox: [] };

/** The key of the document of a cluster. */
export const documentKey = (cluster: ClusterId) => shardKey(kind, cluster);

/** The keys of all documents. */
export const documentKeys = shardKeys(kind);

export function createAlertDocuments(options: {
  documents: Documents;
  unreadable: UnreadableValues;
}): AlertDocuments {
  const { documents, unreadable } = options;

  function parse(key: string, entry: Entry | null | undefined): StoredDocument | null {
    const expected = entry == null ? 'absent' : { etag: entry.etag };
    const stored = entry == null ? nothing : storedSchema.safeParse(entry.value).data;
    unreadable.note(key, 'all', stored !== undefined);
    if (stored !== undefined) return { document: divide(key, stored), expected };
    const ofLater = z.looseObject({ v: z.number().gt(version) }).safeParse(entry?.value).success;
    // A damaged one is begun anew: what still holds shows in the next evaluation.
    return ofLater ? null : { document: divide(key, nothing), expected };
  }

  function divide(key: string, stored: Stored): AlertDocument {
    const clusters: Record<string, readonly AlertRecord[]> = {};
    const unread: Record<string, unknown> = {};
    for (const [cluster, value] of Object.entries(stored.clusters)) {
      const records = recordsSchema.safeParse(value).data;
      unreadable.note(key, cluster, records !== undefined);
      if (records === undefined) unread[cluster] = value;
      else clusters[cluster] = records;
    }
    const events = stored.outbox.map((value) => ({ value, ...eventSchema.safeParse(value) }));
    return {
      clusters,
      outbox: events.flatMap(({ data }) => data ?? []),
      unread: {
        ...stored,
        clusters: unread,
        outbox: events.flatMap(({ data, value }) => (data === undefined ? [value] : [])),
      },
    };
  }

  async function readMany(keys: readonly string[], signal: AbortSignal) {
    const entries = await documents.getMany(keys, signal);
    return new Map(
      keys.flatMap((key) => {
        const stored = parse(key, entries.get(key));
        return stored === null ? [] : [[key, stored] as const];
      }),
    );
  }

  return {
    read: async (key, signal) => parse(key, await documents.get(key, signal)),
    readAll: (signal) => readMany(documentKeys, signal),
    readMany,
    save: (key, { clusters, outbox, unread }, expected, signal) =>
      documents.save(
        key,
        {
          ...unread,
          clusters: { ...unread.clusters, ...clusters },
          outbox: [...unread.outbox, ...outbox],
        },
        expected,
        signal,
      ),
  };
}
