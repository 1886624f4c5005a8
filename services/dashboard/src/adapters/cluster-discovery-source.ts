import type { PrometheusClient } from '@bud-monitoring/client/prometheus';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { quoteLabelValue } from '@bud-monitoring/promql';
import type { Sightings } from '../ports.js';

/** Series that every cluster has few of, and most have one of. */
const usual = 'up|node_uname_info|kube_node_info|machine_cpu_cores';
/** Clusters in one query for the usual series. */
const batchSize = 100;
/** Clusters asked for by all their series in one go: that is dear, and next time there is another go. */
const mostByAll = 5;
/** The window in which label values are looked for. */
const windowSeconds = 15 * 60;

/** Clusters by the `cluster` label of a Prometheus-compatible store. */
export function createSightings({ client }: { client: PrometheusClient }): Sightings {
  async function ask(selector: string, at: number): Promise<Set<ClusterId>> {
    const { series } = await client.query(`group by (cluster) (${selector})`, { time: at / 1_000 });
    return new Set(series.flatMap(({ metric }) => idsOf(metric['cluster'])));
  }

  return {
    async candidates(now) {
      const end = now / 1_000;
      const start = end - windowSeconds;
      // Stores look at whole blocks here: hours more than were asked for.
      return (await client.labelValues('cluster', { start, end })).flatMap(idsOf);
    },
    async seenAt(ids, at) {
      const seen = new Set<ClusterId>();
      for (let from = 0; from < ids.length; from += batchSize) {
        const batch = ids.slice(from, from + batchSize).join('|');
        const selector = `{__name__=~"${usual}", cluster=~${quoteLabelValue(batch)}}`;
        (await ask(selector, at)).forEach((id) => seen.add(id));
      }
      const others = ids.filter((id) => !seen.has(id)).slice(0, mostByAll);
      for (const id of others)
        (await ask(`{cluster=${quoteLabelValue(id)}}`, at)).forEach((found) => seen.add(found));
      return seen;
    },
  };
}

/** Labels that are no cluster id, or not in the form we write them in, are not ours to serve. */
function idsOf(label: string | undefined): ClusterId[] {
  const id = clusterIdSchema.safeParse(label);
  return id.success && id.data === label ? [id.data] : [];
}
