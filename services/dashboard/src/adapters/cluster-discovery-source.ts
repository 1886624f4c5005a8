import type { PrometheusClient } from '@bud-monitoring/client/prometheus';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { clusterMatcher, usualMetrics } from '../domain/grafana/cluster-labels.js';
import type { ClusterDiscoverySource } from '../ports.js';

/** Clusters in one query for the usual metrics. */
const batchSize = 100;
/** Clusters per call that are looked up by all their series, which is expensive. */
const maxByAllSeries = 5;
/** The range in which label values are looked up. */
const windowSeconds = 15 * 60;

/** Finds clusters by the `cluster` label of a Prometheus-compatible store. */
export function createClusterDiscoverySource({
  client,
}: {
  client: PrometheusClient;
}): ClusterDiscoverySource {
  async function queryClusters(selector: string, at: number): Promise<Set<ClusterId>> {
    const { series } = await client.query(`group by (cluster) (${selector})`, { time: at / 1_000 });
    return new Set(series.flatMap(({ metric }) => idsOf(metric['cluster'])));
  }

  return {
    async candidates(now) {
      const end = now / 1_000;
      const start = end - windowSeconds;
      // Stores answer from whole blocks: hours more than the range.
      const { values: labels } = await client.labelValues('cluster', { start, end });
      return [...new Set(labels.flatMap(idsOf))];
    },
    async activeAt(ids, at) {
      const active = new Set<ClusterId>();
      for (let from = 0; from < ids.length; from += batchSize) {
        const batch = ids.slice(from, from + batchSize);
        const selector = `{__name__=~"${usualMetrics}", ${clusterMatcher(...batch)}}`;
        (await queryClusters(selector, at)).forEach((id) => active.add(id));
      }
      const others = ids.filter((id) => !active.has(id)).slice(0, maxByAllSeries);
      for (const other of others)
        (await queryClusters(`{${clusterMatcher(other)}}`, at)).forEach((id) => active.add(id));
      return active;
    },
  };
}

/** The cluster id of a label value, which some agents write in capitals; none where it is no id. */
function idsOf(label: string | undefined): ClusterId[] {
  const id = clusterIdSchema.safeParse(label);
  return id.success ? [id.data] : [];
}
