import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { needQueries, type ClusterNeed } from '../domain/grafana/cluster-needs.js';
import { clusterSampleRate, scrapeSeconds } from '../domain/grafana/scrape-interval.js';
import type { Clock, Grafana } from '../ports.js';

/** How long a store that does not answer is left alone: a burst of clusters must not wait for it. */
const pauseMs = 30_000;

/** Asks the store behind a data source about clusters, by Grafana, which has the credentials. */
export function createClusterProbe(options: {
  client: GrafanaClient;
  clock: Clock;
}): Grafana['probeCluster'] {
  const { client, clock } = options;
  let notBefore = 0;
  return async (id, datasourceUid, signal) => {
    if (clock.now() < notBefore) return null;
    try {
      const needs = needQueries(id);
      const queries = { rate: clusterSampleRate(id), ...needs };
      const found = await client.queryDatasource(datasourceUid, queries, signal);
      const isThere = (need: string) => (found.get(need) ?? []).length > 0;
      return {
        scrapeSeconds: scrapeSeconds(found.get('rate')?.[0]?.value),
        has: new Set((Object.keys(needs) as ClusterNeed[]).filter(isThere)),
      };
    } catch {
      notBefore = clock.now() + pauseMs;
      return null;
    }
  };
}
