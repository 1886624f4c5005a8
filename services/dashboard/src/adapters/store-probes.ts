import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { needQueries, type ClusterNeed } from '../domain/grafana/cluster-needs.js';
import { labelQuery, labelsOf } from '../domain/grafana/cluster-labels.js';
import { clusterSampleRate, scrapeSeconds } from '../domain/grafana/scrape-interval.js';
import type { Clock, Grafana } from '../ports.js';

/** How long a store that does not answer is left alone: a burst of clusters must not wait for it. */
const pauseMs = 30_000;

/** Asks the store behind a data source, by Grafana, which has the credentials. */
export function createStoreProbes(options: {
  client: GrafanaClient;
  clock: Clock;
}): Pick<Grafana, 'probeCluster' | 'hasSeries'> {
  const { client, clock } = options;
  let notBefore = 0;
  async function ask(
    datasourceUid: string,
    queries: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Awaited<ReturnType<typeof client.queryDatasource>> | null> {
    if (clock.now() < notBefore) return null;
    try {
      return await client.queryDatasource(datasourceUid, queries, signal);
    } catch {
      notBefore = clock.now() + pauseMs;
      return null;
    }
  }
  return {
    async probeCluster(id, datasourceUid, signal) {
      const needs = needQueries(id);
      const queries = { rate: clusterSampleRate(id), labels: labelQuery(id), ...needs };
      const found = await ask(datasourceUid, queries, signal);
      if (found === null) return null;
      const isThere = (need: string) => (found.get(need) ?? []).length > 0;
      return {
        labels: labelsOf(id, found.get('labels') ?? []),
        scrapeSeconds: scrapeSeconds(found.get('rate')?.[0]?.value),
        has: new Set((Object.keys(needs) as ClusterNeed[]).filter(isThere)),
      };
    },
    async hasSeries(metric, datasourceUid, signal) {
      const found = await ask(datasourceUid, { series: `group(${metric})` }, signal);
      return found === null ? null : (found.get('series') ?? []).length > 0;
    },
  };
}
