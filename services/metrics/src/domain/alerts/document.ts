import { alertEventSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Documents, OutgoingEvent } from '../../ports.js';
import { shardKey, shardKeys } from '../document-shards.js';
import { alertRecordSchema, type AlertRecord } from './record.js';

const eventSchema = z.object({
  id: z.string(),
  time: z.number(),
  event: alertEventSchema,
});

const documentSchema = z.object({
  v: z.literal(1),
  clusters: z.record(z.string(), z.array(alertRecordSchema)),
  outbox: z.array(eventSchema),
});

/**
 * The alerts of some clusters, and their events that are not published yet. Both are written at once, so
 * that no change is lost however the process ends, and none is published that did not happen.
 */
export interface AlertDocument {
  readonly v: 1;
  readonly clusters: Readonly<Record<string, readonly AlertRecord[]>>;
  readonly outbox: readonly OutgoingEvent[];
}

export interface StoredDocument {
  readonly document: AlertDocument;
  /** What a save must find: the etag read, or nothing. */
  readonly expected: { readonly etag: string } | 'absent';
}

const kind = 'alerts';
const empty: AlertDocument = { v: 1, clusters: {}, outbox: [] };

/** The key of the document of a cluster. */
export const documentKey = (cluster: ClusterId) => shardKey(kind, cluster);

/** The document of a key; an empty one where it is not written yet. */
export async function readDocument(
  documents: Documents,
  key: string,
  signal: AbortSignal,
): Promise<StoredDocument> {
  const entry = await documents.get(key, signal);
  return entry === null
    ? { document: empty, expected: 'absent' }
    : { document: documentSchema.parse(entry.value), expected: { etag: entry.etag } };
}

/** All documents by key, also those that are not written yet. */
export async function readDocuments(
  documents: Documents,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StoredDocument>> {
  const entries = await documents.getMany(shardKeys(kind), signal);
  return new Map(
    shardKeys(kind).map((key): [string, StoredDocument] => {
      const entry = entries.get(key);
      return entry === undefined
        ? [key, { document: empty, expected: 'absent' }]
        : [key, { document: documentSchema.parse(entry.value), expected: { etag: entry.etag } }];
    }),
  );
}
