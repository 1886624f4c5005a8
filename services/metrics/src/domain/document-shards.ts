import { createHash } from 'node:crypto';
import type { ClusterId } from '@bud-monitoring/contracts';

/** Documents that the data of all clusters is sharded over: with 10,000 clusters each holds 160. */
export const shardCount = 64;

/** The number of the shard that holds a cluster; hashed, as ids of one generator differ in few digits. */
export function shardOf(cluster: ClusterId): number {
  const hash = createHash('sha256').update(cluster).digest();
  return hash.readUInt16BE(0) % shardCount;
}

/** The key of the document of a kind that holds a cluster. */
export function shardKey(kind: string, cluster: ClusterId): string {
  return `${kind}:${shardOf(cluster)}`;
}

/** The keys of all documents of a kind. */
export function shardKeys(kind: string): string[] {
  return Array.from({ length: shardCount }, (_, index) => `${kind}:${index}`);
}
