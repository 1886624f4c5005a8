import type { PrometheusClient } from '@bud-monitoring/client/prometheus';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { escapeRegex, quoteLabelValue } from '@bud-monitoring/promql';
import type { ClusterDiscoverySource } from '../ports.js';

/** Metrics with few series per cluster, of which most clusters have one. */
const usualMetrics = 'up|node_uname_info|kube_node_info|machine_cpu_cores';
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
      return (await client.labelValues('cluster', { start, end })).flatMap(idsOf);
    },
    async activeAt(ids, at) {
      const active = new Set<ClusterId>();
      for (let from = 0; from < ids.length; from += batchSize) {
        const batch = ids
          .slice(from, from + batchSize)
          .map(escapeRegex)
          .join('|');
        const selector = `{__name__=~"${usualMetrics}", cluster=~${quoteLabelValue(batch)}}`;
        (await queryClusters(selector, at)).forEach((id) => active.add(id));
      }
      const others = ids.filter((id) => !active.has(id)).slice(0, maxByAllSeries);
      for (const other of others)
        (await queryClusters(`{cluster=${quoteLabelValue(other)}}`, at)).forEach((id) =>
          active.add(id),
        );
      return active;
    },
  };
}

/** The cluster id of a label value; none where it is no id, or not in its canonical form. */
function idsOf(label: string | undefined): ClusterId[] {
  const id = clusterIdSchema.safeParse(label);
  return id.success && id.data === label ? [id.data] : [];
}
