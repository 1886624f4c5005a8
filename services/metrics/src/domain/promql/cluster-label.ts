import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import type { Labels } from '../../ports.js';

/** The cluster a series belongs to; `null` where the label is not a cluster id. */
export type ClusterOf = (metric: Labels) => ClusterId | null;

/** Reads the `cluster` label; each value is checked once. */
export function createClusterOf(): ClusterOf {
  const known = new Map<string, ClusterId | null>();
  return ({ cluster: label = '' }) => {
    const seen = known.get(label);
    if (seen !== undefined) return seen;
    const id = clusterIdOf(label);
    known.set(label, id);
    return id;
  };
}

/** A label as an id, which some agents write in capitals. */
export function clusterIdOf(label: string): ClusterId | null {
  const id = clusterIdSchema.safeParse(label);
  return id.success ? id.data : null;
}
