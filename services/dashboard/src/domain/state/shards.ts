import { createHash } from 'node:crypto';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';

/** Documents the index is spread over: 10,000 clusters are 160 entries, 7 KB, in each. */
const shardCount = 64;

/**
 * One document of the index: every cluster there is a record of, and whether its record may be pending
 * (stored as `open`). The flag may be true without reason, but never false for a pending record.
 */
export const shardSchema = z.object({
  v: z.literal(1),
  clusters: z.record(clusterIdSchema, z.object({ open: z.boolean() })),
});
export type Shard = z.infer<typeof shardSchema>;

/** A document without clusters. */
export const emptyShard: Shard = { v: 1, clusters: {} };

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
  return { ...shard, clusters: { ...shard.clusters, [id]: { open: pending } } };
}

/** The document without `id`; the same object where it is not listed. */
export function withoutEntry(shard: Shard, id: ClusterId): Shard {
  if (shard.clusters[id] === undefined) return shard;
  const rest = Object.entries(shard.clusters).filter(([listed]) => listed !== id);
  return { ...shard, clusters: Object.fromEntries(rest) };
}
