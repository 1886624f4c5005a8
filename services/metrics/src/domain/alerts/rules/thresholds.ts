import {
  alertMetrics,
  alertOverridesSchema,
  type AlertMetric,
  type AlertOverrides,
  type AlertThresholds,
  type ClusterId,
  type ClusterThresholds,
} from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Documents } from '../../../ports.js';
import { shardKey, shardKeys } from '../../document-shards.js';
import type { Level } from '../record.js';

/** The levels of a metric from the lowest on; none where it is not watched. */
export function levelsOf(metric: AlertMetric, thresholds: AlertThresholds): Level[] {
  if (metric === 'node_not_ready') {
    return thresholds[metric].enabled ? [{ severity: 'critical', threshold: 1, clear: 0 }] : [];
  }
  const { warning, critical } = thresholds[metric];
  const clearOf = metric === 'network_errors' ? tenPercentBelow : fivePointsBelow;
  return [
    { severity: 'warning', threshold: warning, clear: clearOf(warning) },
    { severity: 'critical', threshold: critical, clear: clearOf(critical) },
  ];
}

const tenPercentBelow = (threshold: number) => 0.9 * threshold;
/** Five points, but of a low threshold half: nothing is below zero, and the alert must be able to end. */
const fivePointsBelow = (threshold: number) => threshold - Math.min(5, threshold / 2);

/** The thresholds of a cluster: its own, else those of all. */
export function thresholdsOf(
  defaults: AlertThresholds,
  overrides: AlertOverrides | undefined,
): AlertThresholds {
  const own = Object.entries(overrides ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(own) };
}

const documentSchema = z.object({
  v: z.literal(1),
  clusters: z.record(z.string(), alertOverridesSchema),
});
type Document = z.infer<typeof documentSchema>;

const kind = 'alert-thresholds';
/** Somebody else may change another cluster's thresholds in the same document. */
const mostTries = 20;

/** What clusters have of their own. */
export interface Overrides {
  of(cluster: ClusterId, signal: AbortSignal): Promise<AlertOverrides | undefined>;
  /** Those of all clusters that have any. */
  all(signal: AbortSignal): Promise<ReadonlyMap<string, AlertOverrides>>;
  /** Replaces them; `null` removes them. */
  put(cluster: ClusterId, overrides: AlertOverrides | null, signal: AbortSignal): Promise<void>;
}

export function createOverrides({ documents }: { documents: Documents }): Overrides {
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
      for (let tries = 0; tries < mostTries; tries += 1) {
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

/** How the thresholds of a cluster are told. */
export function presentThresholds(
  cluster: ClusterId,
  defaults: AlertThresholds,
  overrides: AlertOverrides | undefined,
): ClusterThresholds {
  return {
    cluster_id: cluster,
    thresholds: thresholdsOf(defaults, overrides),
    overridden: alertMetrics.filter((metric) => overrides?.[metric] !== undefined),
  };
}
