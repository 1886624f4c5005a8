import { z } from 'zod';
import type { Documents } from '../../ports.js';

const statusSchema = z.object({
  /** When the fleet was last evaluated, Unix seconds. */
  at: z.number(),
  /** What the store could not answer then. */
  failed: z.array(z.string()),
});
export type EvaluationStatus = z.infer<typeof statusSchema>;

const key = 'alert-evaluation';

/** The status of the last evaluation; `null` before the first, and where it cannot be read. */
export async function readEvaluationStatus(
  documents: Documents,
  signal: AbortSignal,
): Promise<EvaluationStatus | null> {
  const entry = await documents.get(key, signal);
  return statusSchema.safeParse(entry?.value).data ?? null;
}

/** Records how an evaluation went; `metrics` is the number of metrics that could be read. */
export async function writeEvaluationStatus(
  documents: Documents,
  { at, failed, metrics }: EvaluationStatus & { metrics: number },
  signal: AbortSignal,
): Promise<void> {
  const entry = await documents.get(key, signal);
  const before = statusSchema.safeParse(entry?.value).data;
  // An evaluation without any metric does not count.
  const status = { at: metrics > 0 ? at : (before?.at ?? 0), failed };
  await documents.save(key, status, entry === null ? 'absent' : { etag: entry.etag }, signal);
}
