import { createHash } from 'node:crypto';
import type { ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';

/** Documents the index is spread over: 10,000 clusters are 160 entries, 7 KB, in each. */
const shardCount = 64;

/**
 * One document of the index: every cluster there is a record of, and whether its record may be pending
 * (stored as `open`). The flag may be true without reason, but never false for a pending record. What
 * a later version added is kept.
 */
export interface Shard {
  v: 1;
  clusters: Record<string, { open: boolean }>;
}

const shardSchema = z.looseObject({ clusters: z.record(z.string(), z.unknown()) });
const entrySchema = z.looseObject({ open: z.boolean().catch(true) });

/** A document without clusters. */
export const emptyShard: Shard = { v: 1, clusters: {} };

/** The document in a stored value; null where it cannot be read. An entry in doubt may be pending. */
export function parseShard(value: unknown): Shard | null {
  const shard = shardSchema.safeParse(value);
  if (!shard.success) return null;
  const clusters = Object.entries(shard.data.clusters).map(([id, entry]) => {
    const parsed = entrySchema.safeParse(entry);
    return [id, parsed.success ? parsed.data : { open: true }] as const;
  });
  return { v: 1, ...shard.data, clusters: Object.fromEntries(clusters) };
}

/** The keys of all documents of the index. */
export const shardKeys: readonly string[] = Array.from(
  { length: shardCount },
  (_, n) => `clusters:${n}`,
);

/** The key of the document that lists `id`, by its hash: similar ids must not share a document. */
export function shardKeyOf(id: ClusterId): string {
  return `clusters:${createHash('sha256').update(id).digest().readUInt16BE(0) % shardCount}`;
}

/** The document with `id` listed as `pending` or not; the same object where it is so already. */
export function withEntry(shard: Shard, id: ClusterId, pending: boolean): Shard {
  if (shard.clusters[id]?.open === pending) return shard;
  return {
    ...shard,
    clusters: { ...shard.clusters, [id]: { ...shard.clusters[id], open: pending } },
  };
}

/** The document without `id`; the same object where it is not listed. */
export function withoutEntry(shard: Shard, id: ClusterId): Shard {
  if (shard.clusters[id] === undefined) return shard;
  const rest = Object.entries(shard.clusters).filter(([listed]) => listed !== id);
  return { ...shard, clusters: Object.fromEntries(rest) };
}
