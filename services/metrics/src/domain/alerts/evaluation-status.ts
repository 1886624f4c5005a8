import type { ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Documents } from '../../ports.js';
import { shardOf } from '../document-shards.js';
import type { Shard } from './evaluation/shards.js';

const shardSchema = z.object({
  /** When the shard was last evaluated, Unix seconds; 0 before the first time. */
  at: z.number(),
  /** What the store could not answer then. */
  failed: z.array(z.string()),
});
/** How the last evaluation of a shard, or of all of them, went. */
export type EvaluationStatus = z.infer<typeof shardSchema>;

/** As it is stored: what is said of all shards is for versions that know none. */
const statusSchema = shardSchema.extend({ shards: z.array(shardSchema).min(1).optional() });

const key = 'alert-evaluation';
/** Other replicas write what they know of other shards. */
const maxTries = 20;

/** The status of each shard; there is one before the first evaluation, and where it cannot be read. */
export async function readShardStatus(
  documents: Documents,
  signal: AbortSignal,
): Promise<readonly EvaluationStatus[]> {
  return shardsOf((await documents.get(key, signal))?.value);
}

/** The status of the shard of a cluster. */
export function statusOf(
  shards: readonly EvaluationStatus[],
  cluster: ClusterId,
): EvaluationStatus {
  return shards[shardOf(cluster) % shards.length] ?? never;
}

/** The status of the whole fleet: evaluated when the last of its shards was. */
export function statusOfAll(shards: readonly EvaluationStatus[]): EvaluationStatus {
  return {
    at: Math.min(...shards.map(({ at }) => at)),
    failed: [...new Set(shards.flatMap(({ failed }) => failed))],
  };
}

/** Records how the evaluation of a shard went; `metrics` is the number of metrics that could be read. */
export async function writeShardStatus(
  documents: Documents,
  { index, count }: Shard,
  { at, failed, metrics }: EvaluationStatus & { metrics: number },
  signal: AbortSignal,
): Promise<void> {
  await update(documents, signal, (shards) => {
    // Another number of shards: they are evaluated anew.
    if (shards.length !== count) return shards;
    // An evaluation without any metric does not count.
    return shards.map((one, n) => (n === index ? { at: metrics > 0 ? at : one.at, failed } : one));
  });
}

/** Changes the number of shards. */
export async function writeShardCount(
  documents: Documents,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  await update(documents, signal, (shards) => {
    const { at } = statusOfAll(shards);
    return Array.from({ length: count }, () => ({ at, failed: [] }));
  });
}

const never: z.infer<typeof statusSchema> = { at: 0, failed: [] };

function shardsOf(value: unknown): readonly EvaluationStatus[] {
  const { shards, ...all } = statusSchema.safeParse(value).data ?? never;
  return shards ?? [all];
}

async function update(
  documents: Documents,
  signal: AbortSignal,
  change: (shards: readonly EvaluationStatus[]) => readonly EvaluationStatus[],
): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const entry = await documents.get(key, signal);
    const shards = change(shardsOf(entry?.value));
    const status = { ...statusOfAll(shards), shards };
    const expected = entry === null ? 'absent' : { etag: entry.etag };
    if (await documents.save(key, status, expected, signal)) return;
  }
}
