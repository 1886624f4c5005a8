import {
  alertOverridesSchema,
  type AlertOverrides,
  type ClusterId,
} from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Documents, Entry, Log } from '../../../ports.js';
import { shardKey, shardKeys } from '../../document-shards.js';

/** Each cluster's are read apart: what cannot be read of one costs that one its own thresholds only. */
const documentSchema = z.looseObject({ clusters: z.record(z.string(), z.unknown()) });

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
export function createThresholdOverrides(options: {
  documents: Documents;
  log: Pick<Log, 'warn'>;
}): ThresholdOverrides {
  const { documents, log } = options;

  function read(cluster: string, stored: unknown): AlertOverrides | undefined {
    if (stored === undefined) return undefined;
    const overrides = alertOverridesSchema.safeParse(stored);
    if (overrides.success) return overrides.data;
    log.warn('thresholds cannot be read, so the defaults apply: set them again, or delete them', {
      clusterId: cluster,
      reason: overrides.error.issues[0]?.message,
    });
    return undefined;
  }

  return {
    async of(cluster, signal) {
      const entry = await documents.get(shardKey(kind, cluster), signal);
      return read(cluster, clustersOf(entry)[cluster]);
    },
    async all(signal) {
      const entries = await documents.getMany(shardKeys(kind), signal);
      return new Map(
        [...entries.values()].flatMap((entry) =>
          Object.entries(clustersOf(entry)).flatMap(([cluster, stored]) => {
            const overrides = read(cluster, stored);
            return overrides === undefined ? [] : [[cluster, overrides] as const];
          }),
        ),
      );
    },
    async put(cluster, overrides, signal) {
      const key = shardKey(kind, cluster);
      for (let tries = 0; tries < maxTries; tries += 1) {
        const entry = await documents.get(key, signal);
        const { [cluster]: own, ...others } = clustersOf(entry);
        if (overrides === null && own === undefined) return;
        const clusters = overrides === null ? others : { ...others, [cluster]: overrides };
        const expected = entry === null ? 'absent' : { etag: entry.etag };
        if (await documents.save(key, { v: 1, clusters }, expected, signal)) return;
      }
      throw new Error('the thresholds could not be written: too many others write them');
    },
  };
}

/** What a document holds, by cluster; nothing of one that cannot be read. */
function clustersOf(entry: Entry | null): Record<string, unknown> {
  return documentSchema.safeParse(entry?.value).data?.clusters ?? {};
}
