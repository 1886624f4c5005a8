import { UpstreamError } from '@bud-monitoring/client';
import type { StateStore } from '@bud-monitoring/client/dapr';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { ClusterRecord, ClusterRegistry } from '../ports.js';

/** One key a cluster: transactions over several are not atomic in every store. */
const keyOf = (cluster: ClusterId) => `cluster:${cluster}`;

/** Times a lost race is run again before the event is given back. */
const mostTries = 5;

/** The registry in the state store. Records of deleted clusters stay, so that a late event finds them. */
export function createClusterRegistry(store: StateStore): ClusterRegistry {
  return {
    async get(cluster, signal) {
      return (await store.get<ClusterRecord>(keyOf(cluster), signal))?.value ?? null;
    },
    async update(cluster, change, signal) {
      for (let tries = 1; ; tries++) {
        const entry = await store.get<ClusterRecord>(keyOf(cluster), signal);
        const next = change(entry?.value ?? null);
        if (next === null) return;
        try {
          const own = entry === null ? { ifAbsent: true } : { etag: entry.etag };
          await store.save(keyOf(cluster), next, { ...own, signal });
          return;
        } catch (error) {
          const lost = error instanceof UpstreamError && error.code === 'conflict';
          if (!lost || tries === mostTries) throw error;
        }
      }
    },
  };
}
