import {
  alertOverridesSchema,
  type AlertOverrides,
  type ClusterId,
} from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Documents } from '../../../ports.js';
import { shardKey, shardKeys } from '../../document-shards.js';

const documentSchema = z.object({
  v: z.literal(1),
  clusters: z.record(z.string(), alertOverridesSchema),
});
type Document = z.infer<typeof documentSchema>;

const kind = 'alert-thresholds';
/** Another writer may change another cluster's thresholds in the same document. */
const maxTries = 20;

/** Thresholds that clusters have of their own. */
export interface ThresholdOverrides {
  of(cluster: ClusterId, signal: AbortSignal): Promise<AlertOverrides | undefined>;
  /** Those of all clusters that have any. */
  all(signal: AbortSignal): Promise<ReadonlyMap<string, AlertOverrides>>;
  /** Replaces them; `null` removes them. Throws where other writers keep winning. */
  put(cluster: ClusterId, overrides: AlertOverrides | null, signal: AbortSignal): Promise<void>;
}

/** The overrides in the state store. */
export function createThresholdOverrides({
  documents,
}: {
  documents: Documents;
}): ThresholdOverrides {
  return {
    async of(cluster, signal) {
      const entry = await documents.get(shardKey(kind, cluster), signal);
      return entry === null ? undefined : documentSchema.parse(entry.value).clusters[cluster];
    },
    async all(signal) {
      const entries = await documents.getMany(shardKeys(kind), signal);
      return new Map(
        [...entries.values()].flatMap(({ value }) =>
          Object.entries(documentSchema.parse(value).clusters),
        ),
      );
    },
    async put(cluster, overrides, signal) {
      const key = shardKey(kind, cluster);
      for (let tries = 0; tries < maxTries; tries += 1) {
        const entry = await documents.get(key, signal);
        const before: Document =
          entry === null ? { v: 1, clusters: {} } : documentSchema.parse(entry.value);
        const { [cluster]: own, ...others } = before.clusters;
        if (overrides === null && own === undefined) return;
        const clusters = overrides === null ? others : { ...others, [cluster]: overrides };
        const expected = entry === null ? 'absent' : { etag: entry.etag };
        if (await documents.save(key, { v: 1, clusters }, expected, signal)) return;
      }
      throw new Error('the thresholds could not be written: too many others write them');
    },
  };
}
